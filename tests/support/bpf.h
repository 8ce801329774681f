#pragma once
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

/// Runs programs of classic BPF as the kernel runs filters of system calls.
namespace nsrun::testing {

struct Verdict {
    std::uint32_t action = 0;  ///< SECCOMP_RET_*, with its data
    std::size_t steps = 0;     ///< instructions executed
};

/// The verdict on a call; nothing when the program is not one that the kernel would take.
inline std::optional<Verdict> evaluate(std::span<const sock_filter> program, const seccomp_data& call) {
    std::uint32_t a = 0, x = 0, memory[BPF_MEMWORDS] = {};
    std::size_t steps = 0;
    for (std::size_t at = 0; at < program.size(); ++at) {
        const sock_filter& line = program[at];
        const std::uint32_t operand = BPF_SRC(line.code) == BPF_X ? x : line.k;
        ++steps;
        switch (line.code) {
            case BPF_LD | BPF_W | BPF_ABS:
                if (line.k % 4 != 0 || line.k > sizeof call - 4) return std::nullopt;
                std::memcpy(&a, reinterpret_cast<const char*>(&call) + line.k, 4);
                break;
            case BPF_LD | BPF_IMM:
                a = line.k;
                break;
            case BPF_LD | BPF_MEM:
                a = memory[line.k % BPF_MEMWORDS];
                break;
            case BPF_ST:
                memory[line.k % BPF_MEMWORDS] = a;
                break;
            case BPF_ALU | BPF_AND | BPF_K:
            case BPF_ALU | BPF_AND | BPF_X:
                a &= operand;
                break;
            case BPF_MISC | BPF_TAX:
                x = a;
                break;
            case BPF_MISC | BPF_TXA:
                a = x;
                break;
            case BPF_JMP | BPF_JA:
                at += line.k;
                break;
            case BPF_JMP | BPF_JEQ | BPF_K:
            case BPF_JMP | BPF_JEQ | BPF_X:
                at += a == operand ? line.jt : line.jf;
                break;
            case BPF_JMP | BPF_JGT | BPF_K:
            case BPF_JMP | BPF_JGT | BPF_X:
                at += a > operand ? line.jt : line.jf;
                break;
            case BPF_JMP | BPF_JGE | BPF_K:
            case BPF_JMP | BPF_JGE | BPF_X:
                at += a >= operand ? line.jt : line.jf;
                break;
            case BPF_JMP | BPF_JSET | BPF_K:
            case BPF_JMP | BPF_JSET | BPF_X:
                at += (a & operand) != 0 ? line.jt : line.jf;
                break;
            case BPF_RET | BPF_K:
                return Verdict{line.k, steps};
            case BPF_RET | BPF_A:
                return Verdict{a, steps};
            default:
                return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace nsrun::testing
