#include <nsrun/diagnostic.h>

#include <utility>

namespace nsrun {

void Diagnostics::add(Diagnostic diagnostic) {
    if (diagnostic.severity == Severity::error) ++errors_;
    list_.push_back(std::move(diagnostic));
}

void Diagnostics::error(Code code, const Span& at, std::string message, std::string help) {
    add({Severity::error, code, at, std::move(message), std::move(help), {}});
}

void Diagnostics::warning(Code code, const Span& at, std::string message, std::string help) {
    add({Severity::warning, code, at, std::move(message), std::move(help), {}});
}

}  // namespace nsrun
