#pragma once
#include "load/load.h"
#include "load/trust.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nsrun {

/// Reads profiles and lays them over one another. Each file is read once, however many others extend it.
class Layers {
  public:
    Layers(std::span<const std::string> directories, Context& context, Sources& sources, Diagnostics& diagnostics)
        : directories_(directories), context_(context), sources_(sources), diagnostics_(diagnostics) {}

    /// The document of a profile, its parents beneath and its drop-ins above; empty when there are problems.
    /// `value` as written at `at`. Relative paths begin at `beside`, which is shown as `shown_beside` ("": not at all).
    Document profile(const std::string& value, const Span& at, const std::string& beside,
                     const std::string& shown_beside);

    /// Every file that was read, absolute; where a link led to another path, both.
    std::vector<std::string> take_files() { return std::move(files_); }
    /// Every directory that was looked at for drop-ins, whether it exists or not.
    std::vector<std::string> take_drop_ins() { return std::move(drop_ins_); }

  private:
    struct Open {
        FileId id;
        std::string shown;
    };

    Document text(const std::string& path, const std::string& shown, const Span& at,
                  std::span<const std::string> drop_in_directories);
    Document read(TrustedFile file, const std::string& path, const std::string& shown, const Span& at);
    Document parents(const Document& document, const std::string& path, const std::string& shown);
    /// True for a directory that names of profiles are searched in: only there does a profile have drop-ins.
    bool is_searched(std::string_view directory) const;
    bool circular(const FileId& id, const std::string& shown, const Span& at);
    void unknown(std::string_view name, const Span& at);

    std::span<const std::string> directories_;
    Context& context_;
    Sources& sources_;
    Diagnostics& diagnostics_;
    std::vector<Open> open_;    ///< being read: each is extended by the one before
    std::vector<FileId> done_;  ///< read before
    std::vector<std::string> files_;
    std::vector<std::string> drop_ins_;
};

}  // namespace nsrun
