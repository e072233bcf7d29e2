#include "net/socket_bio.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

#include "crypto/handles.hpp"

namespace tf::net {
namespace {

int fd_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool try_later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int send_bytes(BIO* bio, const char* data, std::size_t size, std::size_t* done) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(fd_of(bio), data, size, MSG_NOSIGNAL);
  if (count < 0) {
    if (try_later(errno)) BIO_set_retry_write(bio);
    return 0;
  }
  *done = static_cast<std::size_t>(count);
  return 1;
}

int receive_bytes(BIO* bio, char* data, std::size_t size, std::size_t* done) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(fd_of(bio), data, size, 0);
  if (count > 0) {
    *done = static_cast<std::size_t>(count);
    return 1;
  }
  if (count < 0 && try_later(errno)) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return 0;
}

long control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default: return 0;
  }
}

const BIO_METHOD* method() {
  static const BIO_METHOD* const instance = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "trustferry socket");
    crypto::must(made != nullptr && BIO_meth_set_write_ex(made, send_bytes) == 1 &&
                     BIO_meth_set_read_ex(made, receive_bytes) == 1 && BIO_meth_set_ctrl(made, control) == 1,
                 "BIO_meth_new");
    return made;
  }();
  return instance;
}

}  // namespace

BIO* new_socket_bio(int fd) {
  BIO* bio = BIO_new(method());
  crypto::must(bio != nullptr, "BIO_new");
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace tf::net
