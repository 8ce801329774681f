#include "doc/doc.h"

#include <cstdio>
#include <string>

/// nsrun-doc DIRECTORY: writes the generated documents below DIRECTORY, from the tables and the frames in src/doc.
/// nsrun-doc --check DIRECTORY: says which of them are not what the tables make; fails when there is one.
namespace {

struct Page {
    const char* path;
    std::string text;
};

std::string read(const std::string& path) {
    std::string text;
    std::FILE* file = std::fopen(path.c_str(), "re");
    if (!file) return text;
    char buffer[4096];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, count);
    std::fclose(file);
    return text;
}

bool write(const std::string& path, const std::string& text) {
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (!file) return false;
    const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    return std::fclose(file) == 0 && whole;
}

}  // namespace

int main(int argc, char** argv) {
    const bool check = argc == 3 && std::string(argv[1]) == "--check";
    if (argc != 2 && !check) {
        std::fputs("usage: nsrun-doc [--check] DIRECTORY\n", stderr);
        return 2;
    }
    const std::string root = std::string(argv[argc - 1]) + "/";
    using namespace nsrun::doc;
    const Page pages[] = {
        {"man/nsrun.1", manual_of_commands(read(root + "src/doc/nsrun.1.in"))},
        {"man/nsrun.toml.5", manual_of_profiles(read(root + "src/doc/nsrun.toml.5.in"))},
        {"profiles/nsrun.schema.json", schema()},
        {"completions/nsrun.bash", bash_completion()},
        {"completions/_nsrun", zsh_completion()},
        {"completions/nsrun.fish", fish_completion()},
    };
    int status = 0;
    for (const auto& page : pages) {
        const std::string path = root + page.path;
        if (check && read(path) == page.text) continue;
        if (check) {
            std::printf("%s: not what the tables make: run cmake --build BUILD --target generate\n", page.path);
            status = 1;
        } else if (!write(path, page.text)) {
            std::perror(path.c_str());
            status = 1;
        }
    }
    return status;
}
