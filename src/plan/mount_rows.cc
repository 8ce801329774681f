#include "plan/mount_expand.h"

#include <fmt/format.h>

/// The rows of [[mount]].
namespace nsrun {

namespace {

constexpr std::uint64_t flag_of(MountOption option) {
    switch (option) {
        case MountOption::nosuid:
            return MOUNT_ATTR_NOSUID;
        case MountOption::nodev:
            return MOUNT_ATTR_NODEV;
        case MountOption::noexec:
            return MOUNT_ATTR_NOEXEC;
        case MountOption::noatime:
            return MOUNT_ATTR_NOATIME;
        case MountOption::nodiratime:
            return MOUNT_ATTR_NODIRATIME;
        case MountOption::strictatime:
            return MOUNT_ATTR_STRICTATIME;
        case MountOption::nosymfollow:
            return MOUNT_ATTR_NOSYMFOLLOW;
    }
    return 0;
}

/// One row on its way to a wish.
class Row {
  public:
    Row(const MountRequest& request, const MountRule& rule) : request_(request), rule_(rule) {
        attributes_ = plain_attributes;
        for (const auto& option : rule.options) attributes_.set |= flag_of(*option);
    }

    std::optional<MountStep> step() const {
        const bool inherits = *rule_.type == MountType::bind && rule_.target->text.empty();
        const auto& named = inherits ? rule_.source : rule_.target;
        if (named->text.empty()) return missing("target");
        auto target = target_path(request_, named->text, named.at);
        if (!target) return std::nullopt;
        switch (*rule_.type) {
            case MountType::bind:
                return bind(std::move(*target));
            case MountType::overlay:
                return overlay(std::move(*target));
            case MountType::proc:
                return kernel_fs("proc", "", Namespace::pid, std::move(*target));
            case MountType::mqueue:
                return kernel_fs("mqueue", "", Namespace::ipc, std::move(*target));
            case MountType::devpts:
                return MountKernelFs{
                    .type = "devpts",
                    .target = std::move(*target),
                    .options = "newinstance,ptmxmode=0666,mode=620",
                    .access = access(),
                    .attributes = {(attributes_.set & ~std::uint64_t{MOUNT_ATTR_NODEV}) | device_attributes.set}};
            case MountType::tmpfs:
                return MountTmpfs{.target = std::move(*target),
                                  .size = *rule_.size,
                                  .mode = *rule_.mode,
                                  .uid = request_.identity.uid,
                                  .gid = request_.identity.gid,
                                  .access = access(),
                                  .attributes = attributes_};
            case MountType::file:
                return MakeFile{.path = std::move(*target),
                                .content = *rule_.content,
                                .mode = rule_.mode.written() ? *rule_.mode : FileMode{0644},
                                .uid = request_.identity.builder_uid,
                                .gid = request_.identity.builder_gid};
            case MountType::directory:
                return MakeDirectory{.path = std::move(*target),
                                     .mode = *rule_.mode,
                                     .uid = request_.identity.uid,
                                     .gid = request_.identity.gid};
            case MountType::symlink:
                if (rule_.source->text.empty()) return missing("source");
                return MakeSymlink{std::move(*target), rule_.source->text};
            case MountType::mask:
                return Mask{std::move(*target)};
        }
        return std::nullopt;
    }

  private:
    /// A file system of the sandbox's own is writable unless the row says otherwise.
    Access access() const { return rule_.access.written() ? *rule_.access : Access::read_write; }

    std::nullopt_t missing(std::string_view key) const {
        request_.diagnostics.error(Code::missing_key, rule_.at,
                                   fmt::format("a {} needs '{}'", spelling(*rule_.type), key),
                                   fmt::format("add {} = \"/...\"", key));
        return std::nullopt;
    }

    std::optional<MountStep> bind(std::string target) const {
        if (rule_.source->text.empty()) return missing("source");
        auto source = source_path(request_, rule_.source->text, rule_.source.at);
        if (!source) return std::nullopt;
        if (*rule_.owner_map && (!request_.context.caller.has_sys_admin || !request_.makes(Namespace::user))) {
            const bool privileged = request_.context.caller.has_sys_admin;
            request_.diagnostics.error(
                privileged ? Code::needs_namespace : Code::needs_privilege, rule_.owner_map.at,
                privileged ? "owner-map maps owners through the sandbox's user namespace"
                           : "owner-map needs CAP_SYS_ADMIN on the host",
                privileged ? R"(add "user" to namespaces)" : "run nsrun as root, or remove owner-map");
            return std::nullopt;
        }
        return BindMount{.source = std::move(*source),
                         .target = std::move(target),
                         .access = *rule_.access,
                         .recursive = *rule_.recursive,
                         .attributes = attributes_,
                         .propagation = *rule_.propagation,
                         .handed = *rule_.owner_map};
    }

    std::optional<MountStep> overlay(std::string target) const {
        MountOverlay overlay{
            .target = std::move(target), .lower = {}, .upper = {}, .work = {}, .attributes = attributes_};
        if (rule_.access.written() && *rule_.access == Access::read_only) overlay.attributes.set |= MOUNT_ATTR_RDONLY;
        for (const auto& lower : rule_.lower) {
            auto path = source_path(request_, lower->text, lower.at);
            if (!path) return std::nullopt;
            overlay.lower.push_back(std::move(*path));
        }
        if (overlay.lower.empty()) return missing("lower");
        if (rule_.upper->text.empty() != rule_.work->text.empty())
            return missing(rule_.upper->text.empty() ? "upper" : "work");
        if (!rule_.upper->text.empty()) {
            auto upper = source_path(request_, rule_.upper->text, rule_.upper.at);
            auto work = source_path(request_, rule_.work->text, rule_.work.at);
            if (!upper || !work) return std::nullopt;
            overlay.upper = std::move(*upper);
            overlay.work = std::move(*work);
        }
        return overlay;
    }

    std::optional<MountStep> kernel_fs(std::string_view type, std::string_view options, Namespace kind,
                                       std::string target) const {
        if (!request_.makes(kind)) {
            request_.diagnostics.error(Code::needs_namespace, rule_.type.at,
                                       fmt::format("{} {} of the sandbox's own needs its own {} namespace",
                                                   kind == Namespace::ipc ? "an" : "a", type, spelling(kind)),
                                       fmt::format("add \"{}\" to namespaces", spelling(kind)));
            return std::nullopt;
        }
        return MountKernelFs{.type = std::string(type),
                             .target = std::move(target),
                             .options = std::string(options),
                             .access = access(),
                             .attributes = {attributes_.set | kernel_attributes.set}};
    }

    const MountRequest& request_;
    const MountRule& rule_;
    MountAttributes attributes_;
};

}  // namespace

void expand_rows(const MountRequest& request, MountWishes& wishes) {
    for (const MountRule& rule : request.profile.mounts) {
        if (auto step = Row(request, rule).step()) {
            wishes.push_back({.what = std::move(*step),
                              .why = rule.at,
                              .optional = *rule.optional,
                              .row = &rule});
        }
    }
}

}  // namespace nsrun
