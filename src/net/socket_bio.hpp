// OpenSSL on a non-blocking socket without SIGPIPE: OpenSSL's own socket BIO uses write(), which kills the process when
// the peer has gone. Private to net/.
#pragma once
#include <openssl/bio.h>

namespace tf::net {

// A BIO on fd, which stays the caller's to close. Never null; aborts when memory is out.
BIO* new_socket_bio(int fd);

}  // namespace tf::net
