// Bytes passed on between a port everybody reaches and the simulator's own server, so that a line can be cut in the middle of a
// request: the HTTP server itself never leaves a request unanswered. A thread for each connection.
#pragma once
#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "net/local/stream.hpp"

namespace tf::simulate::ewallet {

class Relay {
 public:
  ~Relay();  // stop()
  // Listening when it returns; passes on to 127.0.0.1:to. Code::unavailable "simulate.listen". Once.
  Status start(const std::string& address, std::uint16_t port, std::uint16_t to);
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Ends the connection that the server sees as coming from there ("127.0.0.1:51234"). Any thread.
  void cut(const std::string& peer);
  void stop();

 private:
  struct Line {
    net::Descriptor outer, inner;
    std::atomic<bool> ended = false;
    std::thread thread;
  };
  void accept_loop();
  void accept_one();
  void pass_on(Line& line, const std::string& peer);

  net::Descriptor listener_;
  std::uint16_t port_ = 0;
  std::uint16_t to_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::map<std::string, Line*> by_peer_;
  std::list<std::unique_ptr<Line>> lines_;
  std::thread thread_;
};

}  // namespace tf::simulate::ewallet
