#include "parent/parent.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>

// The linker's own marks: from the ELF header to the end of the code. What lies between is read from the file again
// when it is needed again.
extern "C" const char __executable_start[];
extern "C" const char etext[];

namespace nsrun::parent {

void release_memory() {
    constexpr std::uintptr_t page = 4096;
    malloc_trim(0);
    const auto first = reinterpret_cast<std::uintptr_t>(__executable_start) & ~(page - 1);
    const auto last = reinterpret_cast<std::uintptr_t>(etext) & ~(page - 1);
    if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);  // costs memory only
}

}  // namespace nsrun::parent
