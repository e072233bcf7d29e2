// One I/O thread of a listener: its own io_context, its own accepting socket (SO_REUSEPORT), its own connections.
// Private to net/.
#pragma once
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <thread>

#include "net/server/connection.hpp"

namespace tf::net {

// How often deadlines are looked at: a twentieth of the shortest, from 50 to 250 ms.
[[nodiscard]] std::chrono::milliseconds watch_every(const ServerOptions& options);

class IoThread {
 public:
  explicit IoThread(Shared& shared);

  // Nobody else listens there? The threads of a server share an address (SO_REUSEPORT); two servers must not.
  static Status check_free(const asio::ip::tcp::endpoint& endpoint);
  Result<std::uint16_t> listen(const asio::ip::tcp::endpoint& endpoint);  // the port it got
  void start();
  void begin_drain();  // from any thread
  void join();

  // For its connections, on its thread.
  void remove(Connection& connection);
  [[nodiscard]] MutableByteView scratch() { return scratch_; }

 private:
  using Executor = asio::io_context::executor_type;
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

  void accept_next();
  void on_accept(boost::system::error_code ec, Socket socket);
  void admit(Socket socket);
  void tick();

  Shared& shared_;
  asio::io_context io_{1};
  asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor_;
  Timer timer_;
  Timer retry_;
  const std::chrono::milliseconds every_;  // 50 ms while draining
  Bytes scratch_;
  std::list<std::unique_ptr<Connection>> connections_;
  std::thread thread_;
};

}  // namespace tf::net
