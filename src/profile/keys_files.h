#pragma once
#include "profile/sorts.h"

/// The rows of [filesystem] and [[mount]]: a part of the table in keys.cc.
namespace nsrun {

// ---- [filesystem] ----

template <>
inline constexpr auto keys_of<FilesystemRules> = std::to_array<Key>({
    key<&FilesystemRules::base>(
        {.name = "base",
         .summary = "What the sandbox's files begin with.",
         .details = "With 'host' and 'host-ro' the command also reaches the host's sockets, those of system services "
                    "below /run among them: read-only files keep nobody from connecting. 'hide' covers them.",
         .example = R"("host-ro")"}),
    key<&FilesystemRules::rootfs>({.name = "rootfs",
                                   .summary = "With base = \"rootfs\": the directory of the host that becomes /.",
                                   .example = R"("/srv/images/alpine")",
                                   .otherwise = "none"}),
    key<&FilesystemRules::home>({.name = "home",
                                 .summary = "Whose home directory the command has.",
                                 .details = "'private' is a directory of its own for each profile's name, below "
                                            "$XDG_DATA_HOME/nsrun/homes. Nothing below $XDG_DATA_HOME on the way "
                                            "to it may be a symbolic link; the same holds for 'state' and 'cache'.",
                                 .example = R"("private")"}),
    key<&FilesystemRules::home_dir>({.name = "home-dir",
                                     .summary = "Where the home directory is, inside.",
                                     .example = R"("/home/user")",
                                     .otherwise = "where the caller's is"}),
    key<&FilesystemRules::cwd>(
        {.name = "cwd", .summary = "Whether the directory that nsrun is called in is visible.", .example = R"("rw")"}),
    key<&FilesystemRules::tmp>({.name = "tmp", .summary = "What /tmp and /var/tmp are.", .example = R"("host")"}),
    key<&FilesystemRules::dev>({.name = "dev", .summary = "What /dev holds.", .example = R"("host")"}),
    key<&FilesystemRules::devices>({.name = "devices",
                                    .summary = "Devices of the host to add to /dev, also by pattern.",
                                    .example = R"(["/dev/dri", "-/dev/video*"])"}),
    key<&FilesystemRules::proc>({.name = "proc", .summary = "What /proc is.", .example = R"("restricted")"}),
    key<&FilesystemRules::sys>({.name = "sys", .summary = "What /sys is.", .example = R"("ro")"}),
    key<&FilesystemRules::etc, a_glob>(
        {.name = "etc",
         .summary = "What /etc holds.",
         .details = "A list names files and directories of the host's /etc to show besides the minimal ones.",
         .example = R"(["nginx", "mime.types"])"}),
    key<&FilesystemRules::ro>({.name = "ro",
                               .summary = "Paths of the host to show read-only, \"SOURCE[:TARGET]\".",
                               .details = "A leading '-' lets the source be absent; a backslash before ':' makes it a "
                                          "part of the name. Patterns with '* ? [] **' are expanded on the host. The "
                                          "most specific path decides; order does not matter.",
                               .example = R"(["/srv/www", "-~/.vimrc"])"}),
    key<&FilesystemRules::rw>({.name = "rw",
                               .summary = "Paths of the host to show read-write, \"SOURCE[:TARGET]\".",
                               .example = R"(["~/Downloads"])"}),
    key<&FilesystemRules::hide>({.name = "hide",
                                 .summary = "Paths inside to cover with something empty and unreadable.",
                                 .example = R"(["/usr/share/doc"])"}),
    key<&FilesystemRules::tmpfs>({.name = "tmpfs",
                                  .summary = "Paths inside at which an empty directory in memory is mounted.",
                                  .example = R"(["/var/cache"])"}),
    key<&FilesystemRules::overlay>(
        {.name = "overlay",
         .summary = "Directories of the host to show writable, the changes gone at the end, \"SOURCE[:TARGET]\".",
         .example = R"(["/srv/www"])"}),
    key<&FilesystemRules::files, contents_by_path>({.name = "files",
                                                    .summary = "Files to make inside: path = content.",
                                                    .example = R"({ "/etc/motd" = "inside\n" })"}),
    key<&FilesystemRules::symlinks, links_by_path>(
        {.name = "symlinks",
         .summary = "Symbolic links to make inside: path = what the link says.",
         .example = R"({ "/etc/mtab" = "/proc/self/mounts" })"}),
    key<&FilesystemRules::state, a_directory_name>(
        {.name = "state",
         .summary = "Names of directories below /var/lib that stay from run to run.",
         .details = "On the host they are below $XDG_STATE_HOME/nsrun, for root below /var/lib. The variable "
                    "STATE_DIRECTORY names them inside, as for systemd's StateDirectory=.",
         .example = R"(["nginx"])"}),
    key<&FilesystemRules::cache, a_directory_name>(
        {.name = "cache",
         .summary = "Names of directories below /var/cache that stay from run to run.",
         .details = "On the host they are below $XDG_CACHE_HOME/nsrun, for root below /var/cache. The variable "
                    "CACHE_DIRECTORY names them inside.",
         .example = R"(["nginx"])"}),
    key<&FilesystemRules::runtime, a_directory_name>(
        {.name = "runtime",
         .summary = "Names of directories below /run, in memory and gone at the end.",
         .details = "The variable RUNTIME_DIRECTORY names them inside.",
         .example = R"(["nginx"])"}),
    key<&FilesystemRules::noexec_writable>({.name = "noexec-writable",
                                            .summary = "Whether files that the sandbox can write cannot be executed.",
                                            .example = "true"}),
});
static_assert(complete<FilesystemRules>(keys_of<FilesystemRules>));

// ---- [[mount]] ----

template <>
inline constexpr auto keys_of<MountRule> = std::to_array<Key>({
    key<&MountRule::type>({.name = "type", .summary = "What is mounted or made.", .example = R"("tmpfs")"}),
    key<&MountRule::source, any_path>({.name = "source",
                                       .summary = "Of a bind: the path on the host; of a symlink: what the link says.",
                                       .example = R"("/srv/data")",
                                       .otherwise = "none"}),
    key<&MountRule::target>({.name = "target",
                             .summary = "The path inside.",
                             .details = "The [[mount]] tables of one target in several layers are one mount, and the "
                                        "later layer's keys replace the earlier one's.",
                             .example = R"("/data")",
                             .otherwise = "of a bind, the source"}),
    key<&MountRule::access>({.name = "access",
                             .summary = "Whether the sandbox may write.",
                             .details = "The default holds for a bind. A tmpfs, proc, devpts or mqueue is "
                                        "writable unless it is \"read-only\".",
                             .example = R"("read-write")"}),
    key<&MountRule::optional>({.name = "optional",
                               .summary = "Whether the source may be absent: then nothing is mounted.",
                               .example = "true"}),
    key<&MountRule::recursive>(
        {.name = "recursive", .summary = "Whether mounts below the source come along.", .example = "false"}),
    key<&MountRule::propagation>({.name = "propagation",
                                  .summary = "How later mounts pass between this one and its peers.",
                                  .example = R"("slave")"}),
    key<&MountRule::options>(
        {.name = "options", .summary = "Options of the mount.", .example = R"(["noexec", "noatime"])"}),
    key<&MountRule::size>({.name = "size",
                           .summary = "Of a tmpfs: the most that it holds.",
                           .example = R"("512M")",
                           .otherwise = "half of the memory, as the kernel has it"}),
    key<&MountRule::mode>({.name = "mode",
                           .summary = "Of a tmpfs, directory or file: its permission bits.",
                           .details = "The default of a file is \"0644\".",
                           .example = R"("0700")"}),
    key<&MountRule::content>({.name = "content",
                              .summary = "Of a file: what it holds.",
                              .example = R"("nameserver 10.0.0.1\n")",
                              .otherwise = "nothing"}),
    key<&MountRule::lower>({.name = "lower",
                            .summary = "Of an overlay: the directories of the host that are laid over, topmost first.",
                            .example = R"(["/srv/www"])"}),
    key<&MountRule::upper>({.name = "upper",
                            .summary = "Of an overlay: the directory of the host that takes the changes.",
                            .example = R"("/srv/changes")",
                            .otherwise = "memory: the changes are gone at the end"}),
    key<&MountRule::work>({.name = "work",
                           .summary = "Of an overlay: an empty directory on the file system of 'upper'.",
                           .example = R"("/srv/work")",
                           .otherwise = "in memory, like 'upper'"}),
    key<&MountRule::owner_map>(
        {.name = "owner-map",
         .summary = "Of a bind: whether owners of files are mapped like ids, so that id 0 inside owns what 0 owns.",
         .details = "For root only; the file system must support idmapped mounts, see mount_setattr(2).",
         .example = "true"}),
});
static_assert(complete<MountRule>(keys_of<MountRule>, 1));  // `at` is a place

}  // namespace nsrun
