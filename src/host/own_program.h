#pragma once
#include <nsrun/result.h>

namespace nsrun {

/// Makes sure that the file this program runs from is the one that its root shows at that path.
///
/// A sandboxed program may be a link to /proc/self/exe, or a script with "#!/proc/self/exe": then the kernel executes
/// the file of the nsrun that made the sandbox, from a mount that the sandbox does not have. From such a process others
/// inside could take that file, and change it for the host (CVE-2019-5736). It must not start anything.
/// Errors: ENOENT where there is no procfs.
Result<> check_own_program();

}  // namespace nsrun
