// A TLS connection, or a plain one, as a client sees it: blocking, with a deadline on every operation. Private to net/.
#pragma once
#include <chrono>
#include <string>

#include "net/client/client.hpp"
#include "net/tls_context.hpp"

struct addrinfo;

namespace tf::net {

using Deadline = std::chrono::steady_clock::time_point;

class Transport {
 public:
  explicit Transport(SslContext context) : context_(std::move(context)) {}
  ~Transport() { close(); }
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  Status open(const ClientOptions& options);
  void close();
  [[nodiscard]] const SslContext& context() const { return context_; }
  [[nodiscard]] bool is_open() const { return ssl_ != nullptr || (plain_ && fd_ >= 0); }
  // True when the peer has closed, or sent what nobody asked for; a kept connection is asked before it is used again.
  [[nodiscard]] bool is_stale();

  Status write(std::string_view bytes, Deadline deadline);
  // Appends at least one byte. Code::unavailable "net.closed" at the end; *clean tells whether TLS ended it properly.
  Status read(std::string& out, Deadline deadline, bool& clean);

 private:
  Status write_plain(std::string_view bytes, Deadline deadline);
  Status read_plain(std::string& out, Deadline deadline, bool& clean);
  Status connect(const ClientOptions& options);
  Status connect_to(const ::addrinfo& address, const std::string& from, Deadline deadline);
  Status prepare(const ClientOptions& options);
  Status handshake(const ClientOptions& options);
  Status wait(short events, Deadline deadline);
  // After an operation that gave 0 or less: waits if it only has to, or says what went wrong.
  Status proceed(int returned, Deadline deadline);

  SslContext context_;
  SslHandle ssl_;
  int fd_ = -1;
  bool plain_ = false;
};

}  // namespace tf::net
