// One connection: handshake, requests one after the other, end.
//
// It has one owner at any moment: the I/O thread, or the worker that runs its request, or who holds its Answer, or the
// reactor while it waits for the socket. A worker sends the response itself and begins the wait for the next request;
// it goes back over the I/O thread only if there is more to do at once. So a request costs one hand-over; a prompt one
// that is answered at once costs none. Deadlines are kept by the I/O thread, which never touches the state of a
// connection it does not own: it shuts the socket down, and the owner finds out. Private to net/.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <memory>
#include <optional>

#include "net/server/request_parser.hpp"
#include "net/server/shared.hpp"

namespace tf::net {

class IoThread;
namespace asio = boost::asio;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

class Connection final : private Task, private Answer::Target {
 public:
  Connection(IoThread& thread, Shared& shared, Socket socket, std::string peer, SslHandle ssl);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // From the I/O thread, at every tick, whoever owns the connection.
  void enforce_deadline(std::int64_t now_us);
  void close_if_idle();
  void cut();

  std::list<std::unique_ptr<Connection>>::iterator place;  // in the list of its I/O thread

 private:
  enum class Phase : std::uint8_t { handshake, idle, header, body, working, writing, lingering, closed };
  enum class Next { again, parked };  // parked: somebody else owns the connection now, nothing may be touched
  enum class Io { done, want_read, want_write, ended, failed };

  void drive();
  Next step();
  Next handshake();
  Next read_request();

  Next dispatch();
  void run() noexcept override;
  HttpResponse handle() noexcept;
  bool offer_promptly() noexcept;
  void answered(HttpResponse response) noexcept override;
  Next respond_promptly();
  Next shed();
  Next refuse(int status, const Error& error);
  Next respond(HttpResponse response);  // wiped when it is on its way, as a body may have a secret in it
  Next write_response();
  Next begin_linger();
  Next linger();
  Next close(Io why);
  Next park(Io io);
  bool send_continue();
  [[nodiscard]] bool expired() const;
  void enter(Phase phase, std::int64_t deadline_us);
  Io result_of(int returned);
  // Through TLS, or straight to the socket.
  Io receive(MutableByteView into, std::size_t& count);
  Io send(const char* data, std::size_t size, std::size_t& count);

  IoThread& thread_;
  Shared& shared_;
  Socket socket_;
  const int fd_;
  SslHandle ssl_;  // null: in the clear
  std::string peer_;
  std::optional<Bytes> client_certificate_;
  std::string psk_identity_;

  std::atomic<Phase> phase_{Phase::handshake};
  std::atomic<std::int64_t> deadline_us_{kNever};
  std::string input_;   // received and not yet parsed
  std::string output_;  // the response
  std::size_t written_ = 0;
  std::size_t drained_ = 0;
  std::optional<RequestParser> parser_;
  HttpRequest request_;
  HttpResponse response_;               // of a prompt handler, on its way
  std::atomic<bool> met_{false};        // the prompt handler has returned, or its answer is here: the second goes on
  std::int64_t request_began_us_ = 0;
  std::size_t requests_ = 0;
  bool head_ = false;
  bool close_after_ = false;
};

}  // namespace tf::net
