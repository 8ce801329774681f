#include <nsrun/result.h>

#include <cstring>

namespace nsrun {

std::string to_text(const Error& error) {
    if (error.code == 0) return error.what;
    const char* name = strerrorname_np(error.code);
    return fmt::format("{}: {} ({})", error.what, strerrordesc_np(error.code), name ? name : "?");
}

}  // namespace nsrun
