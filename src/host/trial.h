#pragma once
#include <cstdint>
#include <functional>

/// Trials: something that may fail, or kill its process, is done in a child that ends right after.
namespace nsrun {

/// How a trial ended. `call` names the system call that was refused.
struct Outcome {
    int error = 0;   ///< errno of the refusal
    int signal = 0;  ///< that ended the child
    const char* call = "";
    std::int64_t value = 0;  ///< what a successful trial found

    explicit operator bool() const { return error == 0 && signal == 0; }
};

/// Does something in a child and gives what it returns. Within ten seconds: a child that hangs is killed, ETIMEDOUT.
Outcome attempt(const std::function<Outcome()>& trial);

/// In a trial's child: says which call was refused, with the present errno.
Outcome refused(const char* call);

/// In a trial's child: enters new namespaces (CLONE_NEW* bits), with a user namespace first when the caller has not
/// CAP_SYS_ADMIN or `namespaces` has it. The caller's ids appear as 0 in it.
Outcome enter(int namespaces);

/// In a trial's child: makes a file system as mount(8) would, attached nowhere. The value is its descriptor.
/// `options`: alternating keys and values, null at the end.
Outcome make_file_system(const char* type, const char* const* options = nullptr);

}  // namespace nsrun
