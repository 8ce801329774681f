#pragma once
#include "base/fd.h"
#include "pod/letters.h"

#include <string>
#include <vector>

/// Who is in a pod, and what the others are told of it.
namespace nsrun::pod {

/// A connection: of a member, or of who has not said yet what it wants.
struct Member {
    Fd connection;
    bool seated = false;
    Request is{};
};

/// The members of a pod. The only one that gives addresses away.
class Members {
  public:
    /// `directory`: where the members' host files are.
    Members(int directory, PodShare share, PodUplink uplink, std::string uids, std::string gids)
        : directory_(directory), share_(share), uplink_(uplink), uids_(std::move(uids)), gids_(std::move(gids)) {}

    std::vector<Member> list;

    /// Seats who asks. Errors: EINVAL when the pod is of another sort than it wants; EEXIST when what it wants is taken.
    Result<> seat(Member& member, Request request);
    /// Forgets who has gone.
    void forget(std::size_t index);
    /// Tells all of all: writes their host files, and the list of members for who plans to come.
    Result<> tell() const;

  private:
    Result<> write(const std::string& name, const std::string& text) const;
    int directory_;
    PodShare share_;
    PodUplink uplink_;
    std::string uids_, gids_;
};

/// The file that a member's sandbox has as /etc/hosts.
std::string hosts_name(std::string_view member);
/// The pod's end of the interface that has an address: "10.88.0.5" is v0.5.
std::string link_name(std::string_view address);

}  // namespace nsrun::pod
