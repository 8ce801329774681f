#include "parent/parent.h"

#include "child/calls.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>

/// What a waiting launcher has no use for goes back to the machine: there may be a thousand of them.
namespace nsrun::parent {
namespace {

constexpr std::uintptr_t page = 4096;

struct Range {
    std::uintptr_t first = 0, last = 0;
};

/// The parts of the program that cannot have changed; what is needed again is read from the file again.
struct Unwritable {
    std::array<Range, 8> ranges;
    std::size_t count = 0;
};

int note_unwritable(dl_phdr_info* object, std::size_t, void* list) {
    auto& unwritable = *static_cast<Unwritable*>(list);
    for (int index = 0; index < object->dlpi_phnum; ++index) {
        const auto& segment = object->dlpi_phdr[index];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        if (unwritable.count == unwritable.ranges.size()) return 1;
        const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
        unwritable.ranges[unwritable.count++] = {begin & ~(page - 1), (begin + segment.p_memsz) & ~(page - 1)};
    }
    return 0;
}

/// Gives the program back but for this function's own page, and polls. It calls no function: each would bring its
/// neighbours back with it. A range that may not go costs memory, nothing else.
[[gnu::noinline, gnu::aligned(page), gnu::section(".text.nsrun_sleep"), gnu::no_stack_protector,
  gnu::no_sanitize("address", "undefined")]]
long sleep_small(const Unwritable& unwritable, std::span<pollfd> watched, const timespec* limit) {
    using child::call;
    const auto code = reinterpret_cast<std::uintptr_t>(&sleep_small);
    const auto stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) & ~(page - 1);
    // A mapping of its own for this page: the kernel reads the pages around one that is touched, as far as a mapping goes.
    call(SYS_madvise, code, page, MADV_DONTDUMP);
    for (std::size_t index = 0; index < unwritable.count; ++index) {
        const Range& range = unwritable.ranges[index];
        call(SYS_madvise, range.first, range.last - range.first, MADV_DONTNEED);
    }
    call(SYS_madvise, stack - 32 * page, 30 * page, MADV_DONTNEED);  // two pages below are left for this frame
    return call(SYS_ppoll, watched.data(), watched.size(), limit, nullptr, 0);
}

}  // namespace

long wait_small(std::span<pollfd> watched, int milliseconds) {
    constexpr int brief = 10;
    if (milliseconds >= 0 && milliseconds <= brief) return poll(watched.data(), watched.size(), milliseconds);
    if (const int count = poll(watched.data(), watched.size(), brief); count != 0) return count;
    malloc_trim(0);
    Unwritable unwritable;
    dl_iterate_phdr(note_unwritable, &unwritable);
    const int left = milliseconds - brief;
    timespec limit{left / 1000, left % 1000 * 1'000'000L};
    return sleep_small(unwritable, watched, milliseconds < 0 ? nullptr : &limit);
}

void sleep_without_heap(std::span<pollfd> watched) {
    Unwritable unwritable;
    dl_iterate_phdr(note_unwritable, &unwritable);  // before the heap goes: libc's list of objects is there
    const auto top = reinterpret_cast<std::uintptr_t>(sbrk(0));
    const std::uintptr_t bottom = (top - mallinfo2().arena + page - 1) & ~(page - 1);  // below it lies libc's own
    if (bottom < top) child::call(SYS_madvise, bottom, top - bottom, MADV_DONTNEED);
    while (sleep_small(unwritable, watched, nullptr) < 0) {
    }
}

}  // namespace nsrun::parent
