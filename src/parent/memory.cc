#include "parent/parent.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>

namespace nsrun::parent {
namespace {

/// Drops the pages of a segment that cannot have changed; what is needed again is read from the file again.
int drop_unwritable(dl_phdr_info* object, std::size_t, void*) {
    constexpr std::uintptr_t page = 4096;
    for (int index = 0; index < object->dlpi_phnum; ++index) {
        const auto& segment = object->dlpi_phdr[index];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        const std::uintptr_t first = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
        const std::uintptr_t last = (object->dlpi_addr + segment.p_vaddr + segment.p_memsz) & ~(page - 1);
        if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);  // costs memory only
    }
    return 0;
}

}  // namespace

void release_memory() {
    malloc_trim(0);
    dl_iterate_phdr(drop_unwritable, nullptr);
}

}  // namespace nsrun::parent
