#pragma once
#include <nsrun/diagnostic.h>
#include <nsrun/result.h>

#include <string_view>

#include "cli/parse.h"

namespace nsrun::cli {

/// Where results and messages go, and how.
class Output {
  public:
    /// `color`: what the user asked for; auto looks at the terminal, NO_COLOR and TERM.
    Output(Color color, bool quiet, bool verbose);

    /// Writes a result to standard output. False when it could not be written whole; the reason has been told then.
    bool print(std::string_view text) const;
    /// Tells what is wrong with the system: "nsrun: open /x: Permission denied (EACCES)" and a line of help.
    void complain(const Error& error) const;
    /// Tells what is wrong with the command line.
    void complain(const Usage& usage) const;
    /// Tells the problems of profiles, in the order of the texts; with -q only errors.
    void complain(Diagnostics diagnostics, const Sources& sources) const;
    /// Tells what is being done, with -v.
    void tell(std::string_view what) const;
    bool quiet() const { return quiet_; }
    bool verbose() const { return verbose_; }

  private:
    bool color_ = false;
    bool quiet_ = false;
    bool verbose_ = false;
};

}  // namespace nsrun::cli
