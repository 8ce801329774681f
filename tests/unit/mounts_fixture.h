#pragma once
#include "plan/mounts.h"

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

/// A host that is not there: Ada's machine, with a merged /usr and a few files.
namespace nsrun {

struct FakeHost {
    Profile profile;
    HostFacts facts;
    Identity identity;
    Command command;
    Diagnostics diagnostics;

    FakeHost() {
        Caller& ada = facts.context.caller;
        ada.uid = ada.gid = 1000;
        ada.name = ada.group_name = "ada";
        ada.home = "/home/ada";
        ada.shell = "/bin/bash";
        ada.cwd = "/home/ada/work";
        facts.context.name = "web";
        facts.context.config_home = "/home/ada/.config";
        facts.context.data_home = "/home/ada/.local/share";
        facts.context.state_home = "/home/ada/.local/state";
        facts.context.cache_home = "/home/ada/.cache";
        facts.context.runtime_dir = "/run/user/1000";
        identity = {.uid = 1000,
                    .gid = 1000,
                    .builder_uid = 1000,
                    .builder_gid = 1000,
                    .user = "ada",
                    .group = "ada",
                    .home = "/home/ada",
                    .shell = "/bin/bash",
                    .uid_map = {{1000, 1000, 1}},
                    .gid_map = {{1000, 1000, 1}}};
        for (const char* path : {"/usr",
                                 "/usr/bin",
                                 "/usr/share",
                                 "/etc",
                                 "/etc/ssl",
                                 "/dev",
                                 "/proc",
                                 "/sys",
                                 "/tmp",
                                 "/var/tmp",
                                 "/home",
                                 "/home/ada",
                                 "/home/ada/work",
                                 "/home/ada/.config",
                                 "/home/ada/.config/nsrun",
                                 "/home/ada/.local",
                                 "/home/ada/.local/share",
                                 "/home/ada/.local/share/nsrun",
                                 "/srv",
                                 "/srv/data",
                                 "/srv/data/sub",
                                 "/srv/root"}) {
            directory(path);
        }
        for (const char* path : {"/etc/ld.so.cache", "/etc/passwd", "/srv/file"}) file(path);
        for (const char* name : {"bin", "sbin", "lib", "lib64"}) {
            link(fmt::format("/{}", name), fmt::format("usr/{}", name), fmt::format("/usr/{}", name));
        }
        link("/etc/localtime", "/usr/share/zoneinfo/UTC", "/usr/share/zoneinfo/UTC", PathKind::file);
    }

    void directory(const std::string& path) {
        facts.paths[path] = {.kind = PathKind::directory, .link = {}, .real = path};
    }
    void file(const std::string& path) { facts.paths[path] = {.kind = PathKind::file, .link = {}, .real = path}; }
    void absent(const std::string& path) { facts.paths[path] = {}; }
    void link(const std::string& path, const std::string& text, const std::string& real,
              PathKind kind = PathKind::directory) {
        facts.paths[path] = {.kind = kind, .link = text, .real = real};
    }

    /// Nothing but what the test adds.
    FakeHost& bare() {
        profile.filesystem.base.value = Base::empty;
        return *this;
    }

    static Span line(std::uint32_t number) { return {0, number, 1, number, 2}; }
    static Located<PathRule> rule(std::string source, std::uint32_t at, std::string target = {},
                                  bool optional = false) {
        return {{optional, std::move(source), std::move(target)}, line(at)};
    }
    template <class T>
    static void write(Located<T>& key, T value, std::uint32_t at) {
        key = {std::move(value), line(at)};
    }

    MountPlan plan() { return plan_mounts(profile, facts, identity, command, diagnostics); }

    /// The steps after pivot_root and before the root becomes read-only, a line each.
    std::string tree() {
        std::string text;
        for (const auto& planned : plan().steps)
            text += std::visit([](const auto& step) { return short_text(step); }, planned.step);
        return text;
    }
    /// The diagnostics, a line each: "3: error: message | help".
    std::string complaints() {
        std::string text;
        for (const auto& each : diagnostics.list()) {
            const char* severity = each.severity == Severity::error     ? "error"
                                   : each.severity == Severity::warning ? "warning"
                                                                        : "note";
            text += fmt::format("{}: {}: {} | {}\n", each.at.line, severity, each.message, each.help);
        }
        return text;
    }

  private:
    static std::string short_text(const BindMount& bind) {
        std::string text =
            fmt::format("{} {} {}", bind.access == Access::read_write ? "rw" : "ro", bind.source, bind.target);
        if (!bind.beneath.empty()) text += " beneath " + bind.beneath;
        if (bind.kind == NodeKind::file) text += " file";
        return text + "\n";
    }
    static std::string short_text(const MountTmpfs& mount) {
        return fmt::format("tmpfs {} {:o} {}{}\n", mount.target, mount.mode.bits, mount.uid,
                           mount.access == Access::read_only ? " ro" : "");
    }
    static std::string short_text(const MountKernelFs& mount) {
        return fmt::format("{} {}\n", mount.type, mount.target);
    }
    static std::string short_text(const MountOverlay& mount) {
        return fmt::format("overlay {} {}\n", mount.lower.front(), mount.target);
    }
    static std::string short_text(const Mask& mask) {
        return fmt::format("mask {} {}\n", spelling(mask.kind), mask.target);
    }
    static std::string short_text(const MakeFile& file) {
        return fmt::format("file {}{}\n", file.path, file.over ? " over" : file.content.empty() ? " empty" : "");
    }
    static std::string short_text(const MakeSymlink& link) {
        return fmt::format("link {} -> {}\n", link.path, link.target);
    }
    static std::string short_text(const MakeDirectory& made) { return fmt::format("dir {} {}\n", made.path, made.uid); }
    static std::string short_text(const SetReadOnly& protection) {
        return protection.target == "/" ? "" : fmt::format("set-ro {}\n", protection.target);
    }
    template <class Step>
    static std::string short_text(const Step&) {
        return {};
    }
};

}  // namespace nsrun
