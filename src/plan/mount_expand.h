#pragma once
#include "plan/mount_wish.h"

#include <optional>
#include <string>
#include <string_view>

/// From keys to wishes: each function turns the keys it is named after into wishes with absolute paths.
namespace nsrun {

/// Every wish of the profile, in no particular order.
MountWishes expand(const MountRequest& request);

void expand_base(const MountRequest& request, MountWishes& wishes);
void expand_etc(const MountRequest& request, MountWishes& wishes);
void expand_dev(const MountRequest& request, MountWishes& wishes);
void expand_proc(const MountRequest& request, MountWishes& wishes);
void expand_sys(const MountRequest& request, MountWishes& wishes);
void expand_tmp(const MountRequest& request, MountWishes& wishes);
void expand_home(const MountRequest& request, MountWishes& wishes);
void expand_cwd(const MountRequest& request, MountWishes& wishes);
/// `state`, `cache` and `runtime`.
void expand_named(const MountRequest& request, MountWishes& wishes);
/// `ro`, `rw`, `hide`, `tmpfs`, `overlay`, `devices`, `files`, `symlinks`.
void expand_rules(const MountRequest& request, MountWishes& wishes);
/// `[[mount]]`.
void expand_rows(const MountRequest& request, MountWishes& wishes);
/// Last: what would change or tell of the host is closed in every procfs among the wishes, where the host's uid 0 is
/// inside.
void protect_procfs(const MountRequest& request, MountWishes& wishes);

/// The directory of the host that becomes the root; empty when the root is a tmpfs.
std::string root_source(const MountRequest& request);
/// Whether a key with this default counts: with base = "empty" only what is written does.
template <class T>
bool counts(const MountRequest& request, const Located<T>& key) {
    return *request.profile.filesystem.base != Base::empty || key.written();
}
/// Whether the profile has a name for a directory of its own: its name, with the instance.
std::string own_name(const MountRequest& request);

/// A path of the host, made absolute: "~" is the caller's home, "." the caller's directory.
/// Reports bad_path and returns nothing when it cannot be.
std::optional<std::string> source_path(const MountRequest& request, std::string_view text, const Span& at);
/// A path of the sandbox, made absolute: "~" is the home inside. "/" itself is refused: that is what `base` says.
std::optional<std::string> target_path(const MountRequest& request, std::string_view text, const Span& at);

}  // namespace nsrun
