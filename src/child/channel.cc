#include "child/steps.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace nsrun::child {
namespace {

/// A message on the wire, with room for one descriptor beside it.
struct Letter {
    iovec content{};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
    msghdr header{};

    explicit Letter(Message& message) noexcept : content{&message, sizeof message} {
        header.msg_iov = &content;
        header.msg_iovlen = 1;
    }
};

}  // namespace

long tell(int channel, const Message& message, int descriptor) noexcept {
    Message copy = message;
    Letter letter{copy};
    if (descriptor >= 0) {
        letter.header.msg_control = letter.control;
        letter.header.msg_controllen = sizeof letter.control;
        cmsghdr* beside = CMSG_FIRSTHDR(&letter.header);
        beside->cmsg_level = SOL_SOCKET;
        beside->cmsg_type = SCM_RIGHTS;
        beside->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(beside), &descriptor, sizeof descriptor);
    }
    return call(SYS_sendmsg, channel, &letter.header, MSG_NOSIGNAL);
}

long hear(int channel, Message& message, int& descriptor) noexcept {
    Letter letter{message};
    letter.header.msg_control = letter.control;
    letter.header.msg_controllen = sizeof letter.control;
    descriptor = -1;
    long answer = call(SYS_recvmsg, channel, &letter.header, MSG_CMSG_CLOEXEC);
    // When the other end closed with a letter of ours unread, that is told once, before the letters that it sent.
    if (answer == -ECONNRESET) answer = call(SYS_recvmsg, channel, &letter.header, MSG_CMSG_CLOEXEC);
    if (answer <= 0) return answer;
    if (answer != sizeof message) return -EPROTO;
    if (const cmsghdr* beside = CMSG_FIRSTHDR(&letter.header);
        beside != nullptr && beside->cmsg_level == SOL_SOCKET && beside->cmsg_type == SCM_RIGHTS) {
        std::memcpy(&descriptor, CMSG_DATA(beside), sizeof descriptor);
    }
    return answer;
}

bool alone(int channel) noexcept {
    pollfd end{channel, 0, 0};
    const timespec at_once{};
    return call(SYS_ppoll, &end, 1, &at_once, nullptr, 0) > 0 && (end.revents & POLLHUP) != 0;
}

}  // namespace nsrun::child
