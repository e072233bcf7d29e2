// A local connection: a Unix socket that carries frames, each a 4-byte big-endian length and the bytes. It stands for the
// cable between a loader and a device in the factory's secure area.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::net {

// A file descriptor that is closed at the end.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

class LocalStream {
 public:
  explicit LocalStream(Descriptor fd) : fd_(std::move(fd)) {}
  static Result<LocalStream> connect(const std::string& path);  // Code::unavailable "net.local_connect"
  Status send(std::string_view frame);
  Status send(const SecretBytes& frame);
  // Code::unavailable "net.local_closed" or "net.local_timeout"; Code::malformed when the frame is larger than max_size.
  Result<std::string> receive(std::size_t max_size, int timeout_ms);
  Result<SecretBytes> receive_secret(std::size_t max_size, int timeout_ms);

 private:
  Descriptor fd_;
};

class LocalListener {
 public:
  // Replaces a socket file that nobody listens on. Code::conflict "net.local_in_use" when somebody does. Mode 0600.
  static Result<LocalListener> bind(const std::string& path);
  LocalListener(LocalListener&&) = default;
  ~LocalListener();
  // The next connection; nothing after timeout_ms without one.
  Result<std::optional<LocalStream>> accept(int timeout_ms);

 private:
  LocalListener(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Descriptor fd_;
  std::string path_;
};

}  // namespace tf::net
