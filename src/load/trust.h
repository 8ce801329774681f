#pragma once
#include <base/fd.h>
#include <nsrun/diagnostic.h>
#include <nsrun/host.h>

#include <sys/types.h>

#include <expected>
#include <string>

namespace nsrun {

/// Which file it is, whatever it is called.
struct FileId {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const FileId&) const = default;
};

/// A profile file, open for reading, that only who may decide about this run can change.
struct TrustedFile {
    Fd file;
    FileId id;
    std::string real;  ///< its path without symbolic links, as the kernel says it
};

/// Why a file is not read: what becomes a diagnostic where the file is named.
struct Objection {
    Code code = Code::unreadable;
    std::string message;
    std::string help;
    bool absent = false;  ///< there is no such file
};

/// Opens a profile file. Absolute `path`. As root, it and all directories on the way, links followed, must belong to
/// root and be writable by nobody else; a sticky directory such as /tmp may be on the way, but not hold the file
/// itself. Otherwise it must belong to the caller or to root and not be writable by everybody. `shown`: the path as the
/// user knows it, for the objection.
std::expected<TrustedFile, Objection> open_trusted(const std::string& path, const std::string& shown,
                                                   const Caller& caller);

}  // namespace nsrun
