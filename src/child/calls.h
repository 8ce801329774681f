#pragma once
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

/// The system calls themselves: no libc, no errno, no locks. Every function answers a value, or the negated errno.
namespace nsrun::child {

namespace detail {
template <class T>
long word(T value) noexcept {
    if constexpr (std::is_null_pointer_v<T>) {
        return 0;
    } else if constexpr (std::is_pointer_v<T>) {
        return reinterpret_cast<long>(value);
    } else {
        return static_cast<long>(value);
    }
}

[[gnu::always_inline]] inline long raw(long number, long a, long b, long c, long d, long e, long f) noexcept {
#if defined(__x86_64__)
    long answer;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(answer)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return answer;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#else
#error "nsrun knows the system calls of x86-64 and arm64"
#endif
}
}  // namespace detail

/// Makes a system call.
template <class A = long, class B = long, class C = long, class D = long, class E = long, class F = long>
[[gnu::always_inline]] inline long call(long number, A a = {}, B b = {}, C c = {}, D d = {}, E e = {},
                                        F f = {}) noexcept {
    using detail::word;
    return detail::raw(number, word(a), word(b), word(c), word(d), word(e), word(f));
}

/// A descriptor that the child owns; closed at the end of its scope.
class Held {
  public:
    explicit Held(long number = -1) noexcept : number_(static_cast<int>(number)) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { reset(); }
    int get() const noexcept { return number_; }
    int release() noexcept {
        const int number = number_;
        number_ = -1;
        return number;
    }
    void reset(long number = -1) noexcept {
        if (number_ >= 0) call(SYS_close, number_);
        number_ = static_cast<int>(number);
    }

  private:
    int number_;
};

inline long openat2(int directory, const char* path, std::uint64_t flags, std::uint64_t resolve) noexcept {
    open_how how{.flags = flags | O_CLOEXEC, .mode = 0, .resolve = resolve};
    return call(SYS_openat2, directory, path, &how, sizeof how);
}

inline long open_tree(int directory, const char* path, unsigned flags) noexcept {
    return call(SYS_open_tree, directory, path, flags | OPEN_TREE_CLOEXEC);
}

/// open_tree and mount_setattr in one call: Linux 6.15.
inline long open_tree(int directory, const char* path, unsigned flags, const mount_attr& attributes) noexcept {
    constexpr long open_tree_attr = 467;  // on every architecture; the headers of Linux 6.1 do not name it
    return call(open_tree_attr, directory, path, flags | OPEN_TREE_CLOEXEC, &attributes, sizeof attributes);
}

/// Attaches the mount behind `mount` to the place behind `target`; neither is a name.
inline long move_mount(int mount, int target) noexcept {
    return call(SYS_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

inline long mount_setattr(int mount, bool recursive, const mount_attr& attributes) noexcept {
    const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    return call(SYS_mount_setattr, mount, "", flags, &attributes, sizeof attributes);
}

inline long mount_setattr(int mount, bool recursive, std::uint64_t set, std::uint64_t propagation) noexcept {
    const mount_attr attributes{.attr_set = set, .attr_clr = 0, .propagation = propagation, .userns_fd = 0};
    return mount_setattr(mount, recursive, attributes);
}

inline long fsopen(const char* type) noexcept { return call(SYS_fsopen, type, FSOPEN_CLOEXEC); }

inline long set_option(int context, const char* key, const char* value) noexcept {
    return call(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value, 0);
}

inline long set_flag(int context, const char* key) noexcept {
    return call(SYS_fsconfig, context, FSCONFIG_SET_FLAG, key, nullptr, 0);
}

/// Creates the file system and answers its mount, attached nowhere. `attributes`: MOUNT_ATTR_*.
inline long create_mount(int context, std::uint64_t attributes) noexcept {
    const long made = call(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    return made < 0 ? made : call(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes);
}

}  // namespace nsrun::child
