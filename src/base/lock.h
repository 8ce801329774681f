#pragma once
#include <fcntl.h>
#include <unistd.h>

/// Locks of open file descriptions: they end with the last descriptor, and can be asked about without being taken.
/// Source: fcntl(2), F_OFD_SETLK.
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

}  // namespace nsrun
