#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

/// Stands in for libFuzzer: feeds each file named on the command line to the target once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** names) {
    for (int i = 1; i < count; ++i) {
        std::ifstream file(names[i], std::ios::binary);
        if (!file) return 1;
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    }
    return count > 1 ? 0 : 1;
}
