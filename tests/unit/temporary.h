#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

/// A directory of one test case; gone at its end.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = "/tmp/nsrun-test-XXXXXX";
        path = ::mkdtemp(name.data());
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }

    /// Writes a file, its directories first, and gives its path. Nobody else may write any of them.
    std::string write(std::string_view name, std::string_view text, mode_t mode = 0644) const {
        const std::string file = path + "/" + std::string(name);
        const mode_t before = ::umask(022);
        std::filesystem::create_directories(std::filesystem::path(file).parent_path());
        std::ofstream(file) << text;
        ::umask(before);
        ::chmod(file.c_str(), mode);
        return file;
    }
    std::string link(std::string_view name, const std::string& target) const {
        const std::string file = path + "/" + std::string(name);
        std::filesystem::create_directories(std::filesystem::path(file).parent_path());
        std::filesystem::create_symlink(target, file);
        return file;
    }

    std::string path;
};
