#pragma once
#include <nsrun/enums.h>
#include <nsrun/host.h>
#include <nsrun/result.h>

#include "base/fd.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The sandboxes of one user that run now: a file each in a directory of that user's, locked by the nsrun that watches the
/// sandbox. A file that nobody holds is stale, whatever it says. What is read here improves messages and finds processes;
/// whether they may be entered is for the kernel to say.
namespace nsrun::registry {

/// A namespace of a sandbox's own, by its number: the inode of /proc/PID/ns/KIND. 0: not told, as none of its processes can
/// be in another.
struct OwnNamespace {
    Namespace kind = Namespace::net;
    std::uint64_t inode = 0;
    bool operator==(const OwnNamespace&) const = default;
};

/// What a running sandbox says of itself.
struct Entry {
    std::string name{};          ///< as its profile calls it; several may have the same
    std::uint32_t launcher = 0;  ///< pid of the nsrun that watches it
    std::uint32_t first = 0;     ///< pid of its first process; 0: there is none yet
    bool init = true;            ///< the first process is nsrun's own, and the command its child
    std::vector<OwnNamespace> namespaces{};  ///< made for it, or joined
    bool operator==(const Entry&) const = default;
};

// entry.cc

std::string to_text(const Entry& entry);
/// Reads what to_text wrote; of a text that breaks off, what is there.
Entry parse_entry(std::string_view text);

// registration.cc

/// An entry as the nsrun that watches the sandbox holds it; destroying it takes it out.
class Registration {
  public:
    Registration() = default;
    Registration(std::string path, Fd file) : path_(std::move(path)), file_(std::move(file)) {}
    Registration(Registration&&) = default;
    Registration& operator=(Registration&& other) noexcept;
    ~Registration() { end(); }

    explicit operator bool() const { return static_cast<bool>(file_); }
    const std::string& path() const { return path_; }
    /// Writes what there is to say, once.
    Result<> tell(const Entry& entry) const;
    void end() noexcept;

  private:
    std::string path_;
    Fd file_;
};

/// Takes the entry at `path`, below a directory that exists and is the caller's own. Where another sandbox holds it, it
/// is PATH.PID. Whoever finds a stale one there takes it over, and removes all others of the directory.
Result<Registration> enter(const std::string& path);

// registry.cc

/// What the directory is to the caller: one that others could write is none.
RegistryState examine(const std::string& directory);

/// Every sandbox that runs, by name; of a directory that cannot be read, none.
std::vector<Entry> list(const std::string& directory);

/// True when a user means this sandbox by `name`: "web", or where several are called so "web.LAUNCHER".
bool called(const Entry& entry, std::string_view name);

// namespaces.cc

/// A namespace as it can be opened: /proc/PID/ns/KIND of a process that is in it.
struct Door {
    std::string path;
    std::uint64_t inode = 0;
};

/// Where a namespace can be opened. Errors: ENOENT: the sandbox has no such process yet, or none any more; EACCES or
/// EPERM: the kernel lets the caller trace none of its processes.
Result<Door> door_of(const Entry& entry, const OwnNamespace& wanted);

/// Tells the numbers of an entry's namespaces, as its first process has them; what the kernel does not tell is taken out.
void number_namespaces(Entry& entry);

}  // namespace nsrun::registry
