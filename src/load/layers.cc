#include "load/layers.h"

#include "load/search.h"

#include <base/file.h>
#include <base/nearest.h>

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>

namespace nsrun {
namespace {

constexpr std::size_t largest_profile = 1024 * 1024;
constexpr std::size_t deepest_chain = 16;
constexpr std::size_t most_files = 256;

/// Has the kernel lay out at once what a long text will take, some twenty times its own size: page by page costs more. The
/// pages are free memory of the heap afterwards; where they are refused, they come one by one.
void prepare_memory(std::size_t text) {
    constexpr std::size_t page = 4096, least = 32 * 1024, times = 16;
    if (text < least) return;
    const std::size_t size = text * times;
    const auto block = std::make_unique_for_overwrite<char[]>(size + page);
    const auto first = (reinterpret_cast<std::uintptr_t>(block.get()) + page - 1) & ~(page - 1);
    madvise(reinterpret_cast<void*>(first), size & ~(page - 1), MADV_POPULATE_WRITE);
}

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return {};
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string joined(const std::string& directory, std::string_view name) {
    while (name.starts_with("./")) name.remove_prefix(2);
    if (directory.empty()) return std::string(name);
    return directory == "/" ? fmt::format("/{}", name) : fmt::format("{}/{}", directory, name);
}

/// Expands the variables of one string of `extends` by the text's own [vars]; most have none.
std::string expanded(const Value& value, const Document& document, const Context& context, Diagnostics& diagnostics) {
    const std::string& text = *value.as<std::string>();
    if (text.find('$') == std::string::npos) return text;
    Document alone;
    alone.set("extends", value, value.at);
    if (const auto* vars = document.find("vars")) alone.set("vars", *vars, vars->at);
    const Document result = expand(std::move(alone), context, diagnostics);
    const auto* settled = result.find("extends");
    return settled && settled->as<std::string>() ? *settled->as<std::string>() : std::string();
}

}  // namespace

void Layers::unknown(std::string_view name, const Span& at) {
    std::vector<std::string> names;
    for (const auto& directory : directories_) {
        for (auto& found : profile_names(directory)) names.push_back(std::move(found));
    }
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    const auto near = nearest(name, candidates);
    diagnostics_.error(Code::unknown_profile, at, fmt::format("there is no profile '{}'", name),
                       near.empty() ? fmt::format("put it into {}/{}.toml, or write ./{}.toml for a file here",
                                                  directories_.empty() ? "" : directories_.front(), name, name)
                                    : fmt::format("did you mean '{}'?", near));
}

bool Layers::is_searched(std::string_view directory) const {
    while (directory.ends_with("/.")) directory.remove_suffix(2);
    return std::ranges::find(directories_, directory) != directories_.end();
}

Document Layers::profile(const std::string& value, const Span& at, const std::string& beside,
                         const std::string& shown_beside) {
    if (is_profile_path(value)) {
        std::string path = value;
        std::string shown = value;
        if (value.starts_with("~/")) {
            path = shown = joined(context_.caller.home, std::string_view(value).substr(2));
        } else if (!value.starts_with('/')) {
            if (beside.empty()) {
                diagnostics_.error(
                    Code::bad_path, at,
                    fmt::format("'{}' is relative to the current directory, which cannot be reached", value),
                    "write the whole path");
                return {};
            }
            path = joined(beside, value);
            shown = joined(shown_beside, value);
        }
        // Elsewhere a sandbox that may write beside the file could leave drop-ins there.
        if (!is_searched(directory_of(path))) return text(path, shown, at, {});
        const std::string drop_in_directory = path + ".d";
        return text(path, shown, at, {&drop_in_directory, 1});
    }
    const ProfileName name(value);
    if (!name.valid()) {
        diagnostics_.error(Code::unknown_profile, at, fmt::format("'{}' cannot be the name of a profile", value),
                           "a name has letters, digits and the marks ._+:- and begins with no dot; a path has a slash");
        return {};
    }
    const auto where = search(name.name, directories_);
    const std::string file = fmt::format("{}.toml", name.name);
    if (where == directories_.size()) {
        unknown(name.name, at);
        return {};
    }
    const std::string path = joined(directories_[where], file);
    if (is_masked(path)) {
        diagnostics_.error(Code::unknown_profile, at,
                           fmt::format("the profile '{}' is switched off: {} leads to /dev/null", name.name, path),
                           fmt::format("rm {}", path));
        return {};
    }
    std::vector<std::string> above;
    for (std::size_t i = 0; i <= where; ++i) above.push_back(joined(directories_[i], file + ".d"));
    return text(path, path, at, above);
}

bool Layers::circular(const FileId& id, const std::string& shown, const Span& at) {
    const auto first = std::ranges::find(open_, id, &Open::id);
    if (first == open_.end()) return false;
    std::string chain;
    for (auto link = first; link != open_.end(); ++link) chain += link->shown + " -> ";
    diagnostics_.error(Code::extends_cycle, at,
                       fmt::format("profiles extend each other in a circle: {}{}", chain, shown),
                       "take one of them out of extends");
    return true;
}

Document Layers::text(const std::string& path, const std::string& shown, const Span& at,
                      std::span<const std::string> drop_in_directories) {
    auto file = open_trusted(path, shown, context_.caller);
    if (!file) {
        auto& objection = file.error();
        diagnostics_.error(objection.code, at, std::move(objection.message), std::move(objection.help));
        return {};
    }
    const FileId id = file->id;
    if (circular(id, shown, at) || std::ranges::find(done_, id) != done_.end()) return {};
    if (open_.size() >= deepest_chain) {
        diagnostics_.error(Code::too_deep, at, fmt::format("more than {} profiles extend one another", deepest_chain),
                           "extend the last ones directly");
        return {};
    }
    if (done_.size() + open_.size() >= most_files) {
        diagnostics_.error(Code::too_large, at, fmt::format("more than {} profile files", most_files),
                           "put several into one");
        return {};
    }
    open_.push_back({id, shown});
    Document own = read(std::move(*file), path, shown, at);
    Document result = parents(own, path, shown);
    result = merge(std::move(result), std::move(own), diagnostics_);
    open_.pop_back();
    done_.push_back(id);
    drop_ins_.insert(drop_ins_.end(), drop_in_directories.begin(), drop_in_directories.end());
    for (const auto& drop_in : drop_ins(drop_in_directories)) {
        result = merge(std::move(result), text(drop_in, drop_in, at, {}), diagnostics_);
    }
    return result;
}

Document Layers::read(TrustedFile file, const std::string& path, const std::string& shown, const Span& at) {
    auto content = read_all(file.file, largest_profile, shown);
    if (!content) {
        if (content.error().code == EFBIG) {
            diagnostics_.error(Code::too_large, at, fmt::format("{} is larger than 1 MiB", shown),
                               "a profile is a short text; name the right file");
        } else {
            diagnostics_.error(Code::unreadable, at, fmt::format("cannot {}", to_text(content.error())));
        }
        return {};
    }
    files_.push_back(path);
    if (!file.real.empty() && file.real != path) files_.push_back(std::move(file.real));
    const auto index = static_cast<std::uint32_t>(sources_.size());
    sources_.push_back({shown, std::move(*content)});
    prepare_memory(sources_.back().text.size());
    Document document = parse_toml(sources_.back().text, index, diagnostics_);
    if (document.find("when") == nullptr) return document;
    answer(questions(document, context_), context_);
    return apply_conditions(std::move(document), context_, diagnostics_);
}

Document Layers::parents(const Document& document, const std::string& path, const std::string& shown) {
    Document result;
    const Value* const extends = document.find("extends");
    if (extends == nullptr) return result;
    const Array* const names = extends->as<Array>();
    if (names == nullptr) {
        diagnostics_.error(Code::wrong_type, extends->at,
                           fmt::format("expected an array of profile names, found {}", described(*extends)),
                           "write extends = [\"base\"]");
        return result;
    }
    for (const auto& name : *names) {
        if (name.as<std::string>() == nullptr) {
            diagnostics_.error(Code::wrong_type, name.at,
                               fmt::format("expected a profile name, found {}", described(name)),
                               "write extends = [\"base\"]");
            continue;
        }
        const std::string value = expanded(name, document, context_, diagnostics_);
        if (value.empty() && !name.as<std::string>()->empty()) continue;  // the variable has its diagnostic
        Document parent = profile(value, name.at, directory_of(path), directory_of(shown));
        result = merge(std::move(result), inherited(std::move(parent)), diagnostics_);
    }
    return result;
}

}  // namespace nsrun
