#include "pod/members.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace nsrun::pod {
namespace {

std::unexpected<Error> refuse(int code, std::string what, const char* help) {
    return std::unexpected(Error{code, std::move(what), help});
}

}  // namespace

std::string hosts_name(std::string_view member) { return fmt::format("hosts-{}", member); }

std::string link_name(std::string_view address) {
    const std::size_t low = address.rfind('.');
    const std::size_t high = low == std::string_view::npos ? low : address.rfind('.', low - 1);
    return high == std::string_view::npos ? std::string() : fmt::format("v{}", address.substr(high + 1));
}

Result<> Members::seat(Member& member, Request request) {
    if (request.share != share_) {
        return refuse(EINVAL, fmt::format("it has share = \"{}\", and this sandbox asks for \"{}\"", spelling(share_), spelling(request.share)),
                      "write the same network.pod.share for all of a pod, or another network.pod.name");
    }
    if (request.uplink != uplink_) {
        return refuse(EINVAL, fmt::format("it has uplink = \"{}\", and this sandbox asks for \"{}\"", spelling(uplink_), spelling(request.uplink)),
                      "write the same network.pod.uplink for all of a pod, or another network.pod.name");
    }
    for (const auto& [has, asks, kind] : {std::tuple{&uids_, &request.uids, "uids"}, std::tuple{&gids_, &request.gids, "gids"}}) {
        if (*has == *asks) continue;
        return refuse(EINVAL, fmt::format("it maps {} {}, and this sandbox asks for {} (inside:outside:count)", kind, *has, *asks),
                      "write the same ids.map for all of a pod, or another network.pod.name");
    }
    for (const auto& other : list) {
        if (!other.seated) continue;
        if (other.is.member == request.member) {
            return refuse(EEXIST, fmt::format("a sandbox called '{}' is a member already", request.member),
                          "give this one another name: --set name=...");
        }
        if (share_ == PodShare::addresses && other.is.addresses.front() == request.addresses.front()) {
            return refuse(EEXIST, fmt::format("{} is the address of '{}' already", request.addresses.front(), other.is.member),
                          "write another network.pod.address, or none for one that is free");
        }
    }
    member.seated = true;
    member.is = std::move(request);
    return tell();
}

void Members::forget(std::size_t index) {
    const bool seated = list[index].seated;
    if (seated) unlinkat(directory_, hosts_name(list[index].is.member).c_str(), 0);
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(index));
    if (seated) (void)tell();  // who stays knows one name too many, no more
}

/// Writes in place: what is mounted in a sandbox is the file, not its name.
Result<> Members::write(const std::string& name, const std::string& text) const {
    const Fd file(openat(directory_, name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file) return fail(errno, "open {} of the pod", name);
    const auto length = static_cast<ssize_t>(text.size());
    if (pwrite(file.get(), text.data(), text.size(), 0) != length) return fail(errno, "write {} of the pod", name);
    if (ftruncate(file.get(), length) != 0 || fchmod(file.get(), 0644) != 0) return fail(errno, "write {} of the pod", name);
    return {};
}

Result<> Members::tell() const {
    std::string names, members;
    for (const auto& member : list) {
        if (!member.seated) continue;
        members += member.is.member;
        for (const auto& address : member.is.addresses) {
            fmt::format_to(std::back_inserter(names), "{} {}{}{}\n", address, member.is.member, member.is.alias.empty() ? "" : " ",
                           member.is.alias);
            fmt::format_to(std::back_inserter(members), " {}", address);
        }
        members += '\n';
    }
    for (const auto& member : list) {
        if (member.seated) NSRUN_TRY(write(hosts_name(member.is.member), member.is.hosts + names));
    }
    return write("members", members);
}

}  // namespace nsrun::pod
