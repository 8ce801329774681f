#pragma once
// System calls without a C library, and the few helpers that the floor and its command need.
#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

#ifdef FLOOR_CLOCK
static inline void clock_note(long number, uint64_t begin, long result);
static inline uint64_t clock_now(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    uint64_t now;
    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(now));
    return now;
#endif
}
#endif

static inline long raw_call(long number, long a, long b, long c, long d, long e, long f) {
#ifdef FLOOR_CLOCK
    uint64_t begin = clock_now();
#endif
#if defined(__x86_64__)
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long result __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(result) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
#else
#error "an architecture that nsrun does not know"
#endif
#ifdef FLOOR_CLOCK
    clock_note(number, begin, result);
#endif
    return result;
}

#define RAW_PICK(_0, _1, _2, _3, _4, _5, _6, name, ...) name
#define RAW0(n) raw_call(__NR_##n, 0, 0, 0, 0, 0, 0)
#define RAW1(n, a) raw_call(__NR_##n, (long)(a), 0, 0, 0, 0, 0)
#define RAW2(n, a, b) raw_call(__NR_##n, (long)(a), (long)(b), 0, 0, 0, 0)
#define RAW3(n, a, b, c) raw_call(__NR_##n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define RAW4(n, a, b, c, d) raw_call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define RAW5(n, a, b, c, d, e) raw_call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define RAW6(n, a, b, c, d, e, f) raw_call(__NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
/// RAW(name, arguments...): the kernel's answer, a negated errno when it refuses.
#define RAW(...) RAW_PICK(__VA_ARGS__, RAW6, RAW5, RAW4, RAW3, RAW2, RAW1, RAW0)(__VA_ARGS__)

static inline size_t length(const char* text) {
    size_t n = 0;
    while (text[n]) n++;
    return n;
}

static inline int same(const char* a, const char* b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

/// Appends text to a buffer and returns its new end.
static inline char* put(char* end, const char* text) {
    while (*text) *end++ = *text++;
    return end;
}

static inline char* put_number(char* end, uint64_t number) {
    char digits[20];
    int n = 0;
    do digits[n++] = (char)('0' + number % 10);
    while (number /= 10);
    while (n) *end++ = digits[--n];
    return end;
}

/// Where a program without a C library starts: the stack as execve(2) left it.
void begin(long* stack) __attribute__((noreturn, used));
#if defined(__x86_64__)
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
#else
__asm__(".globl _start\n_start: mov x29, #0\n mov x0, sp\n bl begin\n");
#endif
