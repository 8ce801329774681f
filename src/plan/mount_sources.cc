#include "plan/mount_passes.h"
#include "plan/mount_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

/// The passes over what lies on the host: whether it is there, and how it may be opened.
namespace nsrun {

namespace {

/// Where the profile names what is mounted.
const Span& place_of_source(const MountWish& wish) {
    return wish.row && wish.row->source.written() ? wish.row->source.at : wish.why;
}

/// False when the source is missing and the wish may go. Reports it otherwise.
bool check_source(const MountWish& wish, const std::string& source, const PathFact* fact, const MountRequest& request) {
    if (!fact || (fact->kind != PathKind::absent && fact->kind != PathKind::denied)) return true;
    if (wish.optional) return false;
    const bool denied = fact->kind == PathKind::denied;
    const std::string way = wish.row ? std::string("set optional = true to run without it")
                                     : fmt::format("write \"-{}\" to run without it", source);
    if (denied) {
        request.diagnostics.error(
            Code::missing_source, place_of_source(wish),
            fmt::format("{} cannot be reached by {}: permission denied", source, request.context.caller.name),
            fmt::format("let {} reach it, or {}", request.context.caller.name, way));
    } else if (wish.rank < Rank::match) {
        request.diagnostics.error(Code::missing_source, place_of_source(wish), fmt::format("{} does not exist", source),
                                  "create it");
    } else {
        request.diagnostics.error(Code::missing_source, place_of_source(wish), fmt::format("{} does not exist", source),
                                  fmt::format("create it, or {}", way));
    }
    return false;
}

bool check_wish(MountWish& wish, const MountRequest& request) {
    // What nsrun expands by itself it has asked for by itself.
    if (wish.rank == Rank::base || wish.made || (wish.rank == Rank::named && !wish.part_of.empty())) return true;
    if (BindMount* bind = bind_of(wish)) {
        const PathFact* fact = request.host.path(bind->source);
        wish.source = fact;
        if (!check_source(wish, bind->source, fact, request)) return false;
        if (fact) bind->kind = fact->kind == PathKind::directory ? NodeKind::directory : NodeKind::file;
    } else if (const auto* overlay = std::get_if<MountOverlay>(&wish.what)) {
        for (const std::string& lower : overlay->lower) {
            if (!check_source(wish, lower, request.host.path(lower), request)) return false;
        }
        for (const std::string* kept : {&overlay->upper, &overlay->work}) {
            if (!kept->empty() && !check_source(wish, *kept, request.host.path(*kept), request)) return false;
        }
    }
    return true;
}

}  // namespace

MountWishes check_sources(MountWishes wishes, const MountRequest& request) {
    std::erase_if(wishes, [&](MountWish& wish) { return !check_wish(wish, request); });
    return wishes;
}

namespace {

/// The directories of the host that the sandbox can write, by every path that leads to them, and where each leads.
class WritablePlaces {
  public:
    using Place = std::pair<const std::string, std::string>;

    void add(std::string_view path, std::string_view real) {
        if (!places_.emplace(path, real).second) return;
        shortest_ = std::min(shortest_, path.size());
        longest_ = std::max(longest_, path.size());
    }
    bool empty() const { return places_.empty(); }

    /// The outermost place that a path lies strictly below; null when none.
    const Place* above(std::string_view path) const {
        for (auto slash = path.find('/', shortest_); slash <= longest_; slash = path.find('/', slash + 1)) {
            const auto found = places_.find(path.substr(0, slash));
            if (found != places_.end()) return &*found;
        }
        return nullptr;
    }

  private:
    ByText<std::string> places_;
    // Of the paths above: most parts of a path are too short or too long for any, and need not be looked for.
    std::size_t shortest_ = std::string_view::npos, longest_ = 0;
};

WritablePlaces writable_places(const MountWishes& wishes, const std::string& root, const MountRequest& request) {
    WritablePlaces places;
    const auto add = [&](std::string_view path, std::string_view real) {
        places.add(path, real);
        if (real != path) places.add(real, real);
    };
    for (const MountWish& wish : wishes) {
        const auto* overlay = std::get_if<MountOverlay>(&wish.what);
        if (overlay && !overlay->upper.empty()) add(overlay->upper, request.host.real(overlay->upper));
        const BindMount* bind = bind_of(wish);
        if (!bind || bind->access != Access::read_write || bind->kind != NodeKind::directory) continue;
        if (bind->source != "/dev" && bind->source != "/") add(bind->source, request.host.real_source(wish));
    }
    if (root == "/" && *request.profile.filesystem.base == Base::host) {
        const std::string& home = request.context.caller.home;
        add(home, request.host.real(home));
    }
    return places;
}

}  // namespace

MountWishes open_beneath(MountWishes wishes, const std::string& root, const MountRequest& request) {
    const WritablePlaces places = writable_places(wishes, root, request);
    // The writable place that `real`, where `source` leads, lies in; null when in none.
    const auto place_of = [&](std::string_view source, std::string_view real, const Span& why) {
        const auto* by_name = places.above(source);
        // What the sandbox cannot write now needs no look at where it leads, unless a link leads into what it can.
        const auto* by_fact = real == source ? by_name : places.above(real);
        if (by_fact && (!by_name || by_name->second == by_fact->second)) return by_fact;
        if (by_name) {
            request.diagnostics.error(Code::bad_path, why,
                                      fmt::format("{} leads out of {}, which the sandbox can write, to {}", source,
                                                  by_name->first, real),
                                      fmt::format("name {} itself, if that is meant", real));
        }
        return static_cast<const WritablePlaces::Place*>(nullptr);
    };
    for (MountWish& wish : wishes) {
        if (auto* overlay = std::get_if<MountOverlay>(&wish.what)) {
            // The child opens layers through no link at all: they are named by where they are.
            const auto settle = [&](std::string& layer) {
                if (layer.empty()) return;
                std::string real(request.host.real(layer));
                (void)place_of(layer, real, wish.why);  // only to be told when it leads out
                layer = std::move(real);
            };
            for (std::string& lower : overlay->lower) settle(lower);
            settle(overlay->upper);
            settle(overlay->work);
        }
        BindMount* bind = bind_of(wish);
        if (!bind || wish.rank == Rank::base || places.empty()) continue;
        const std::string_view real = request.host.real_source(wish);
        const auto* place = place_of(bind->source, real, wish.why);
        // A directory of nsrun's own is opened beneath the outermost that a link in it could be planted below.
        const bool kept = place && !bind->beneath.empty() && within(place->second, bind->beneath);
        if (!place || kept) continue;
        bind->beneath = place->second;
        bind->source = std::string(real);
    }
    return wishes;
}

}  // namespace nsrun
