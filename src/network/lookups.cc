#include <netdb.h>

/// What libnl would look up in the system's databases, for functions of its that nothing calls. The linker warns of a static
/// program that asks libc for such things, and takes in all of libc's resolver. With these it does neither.
extern "C" {

int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) { return EAI_FAIL; }
void freeaddrinfo(addrinfo*) noexcept {}
protoent* getprotobyname(const char*) { return nullptr; }
protoent* getprotobynumber(int) { return nullptr; }

}  // extern "C"
