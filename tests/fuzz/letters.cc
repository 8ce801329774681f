#include "pod/letters.h"
#include "pod/members.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace nsrun;

namespace {

void abort_unless(bool holds) {
    if (!holds) std::abort();
}

/// What a holder does with a request before anybody is seated: what it relies on holds.
void whole_way(std::string_view text) {
    const auto request = pod::read_request(text);
    if (!request) return;
    // The names become a part of a file's, and lines and words of lists.
    constexpr std::string_view parting("/# \t\n\0", 6);
    abort_unless(!request->member.empty() && request->member.find_first_of(parting) == std::string::npos);
    abort_unless(request->alias.find_first_of(parting) == std::string::npos);
    abort_unless(!request->addresses.empty());
    for (const auto& address : request->addresses) abort_unless(address.find_first_of(parting) == std::string::npos);
    if (request->share == PodShare::addresses) abort_unless(!pod::link_name(request->addresses.front()).empty());
    // What it says is what it was told: it comes out of its own words again.
    JoinPod step{.pod = "p", .share = request->share, .uplink = request->uplink, .member = request->member};
    step.alias = request->alias;
    step.addresses = request->addresses;
    step.hosts = request->hosts;
    const auto again = pod::read_request(pod::to_text(step));
    abort_unless(again && again->share == request->share && again->uplink == request->uplink && again->member == request->member &&
                 again->alias == request->alias && again->addresses == request->addresses && again->hosts == request->hosts);
}

}  // namespace

/// The first byte chooses the reading: what a holder is asked, or what a launcher is told.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > pod::longest_letter) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] == 'r') {
        const Error refusal = pod::read_refusal(text);
        const Error again = pod::read_refusal(pod::refusal_text(refusal));
        abort_unless(again.code == refusal.code && again.what == refusal.what && again.help == refusal.help);
    } else {
        whole_way(text);
    }
    return 0;
}
