#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/// Files that are locks. Those of open file descriptions end with the last descriptor, and can be asked about without being
/// taken. Source: fcntl(2), F_OFD_SETLK.
namespace nsrun {

/// Takes the lock of a whole file, at once or not at all.
inline bool lock(int file) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    return ::fcntl(file, F_OFD_SETLK, &whole) == 0;
}

/// True when somebody else holds the lock.
inline bool is_locked(int file) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    return ::fcntl(file, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

/// True when the file that we hold is the one that others find by its name.
inline bool is_found(int file, int directory, const char* name) noexcept {
    struct stat ours{}, found{};
    return ::fstat(file, &ours) == 0 && ::fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) == 0 && ours.st_ino == found.st_ino &&
           ours.st_dev == found.st_dev;
}

}  // namespace nsrun
