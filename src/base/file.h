#pragma once
#include <base/fd.h>
#include <nsrun/result.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace nsrun {

/// Opens a path for reading, close-on-exec; neither a terminal nor a FIFO makes it wait.
Result<Fd> open_for_reading(const std::string& path);

/// Reads what a descriptor has until its end. Errors: EFBIG beyond `limit` bytes.
Result<std::string> read_all(const Fd& file, std::size_t limit, std::string_view path);

/// Reads a whole regular file (those of /proc and /sys too). Errors: EISDIR for a directory, EINVAL for other kinds,
/// EFBIG beyond `limit` bytes.
Result<std::string> read_file(const std::string& path, std::size_t limit);

/// Writes all bytes, however many calls it takes.
Result<> write_all(const Fd& file, std::string_view text, std::string_view path);

/// Makes a new file of that mode with a content. Errors: EEXIST; nothing is ever overwritten or followed.
Result<> write_new_file(const std::string& path, std::string_view text, unsigned mode = 0644);

/// Makes a directory and its missing parents; one that exists is kept. `path`: absolute.
Result<> make_directories(const std::string& path, unsigned mode = 0777);

/// What a symbolic link says, relative to an open directory; `name` empty: the link that `directory` was opened on.
Result<std::string> read_link(int directory, const std::string& name);

}  // namespace nsrun
