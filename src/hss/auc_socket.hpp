// An authentication centre's Unix datagram socket: what hostapd's eap_sim_db asks (hss/auc_message.hpp). One thread receives, one
// answers everything that waits in one batch, so that many requests share a durable commit. Who can write to the socket gets vectors:
// its directory is for the EAP server and nobody else.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hss/auc_message.hpp"
#include "hss/subscribers.hpp"
#include "net/local/stream.hpp"

namespace tf::hss {

struct AucEvent {
  enum class Kind { vector, resync };
  Kind kind = Kind::vector;
  Imsi imsi;
  Status outcome;
};

struct AucOptions {
  std::string path;               // at most 107 bytes
  unsigned mode = 0600;           // of the socket file
  std::size_t max_waiting = 4096; // requests; more are dropped, and the asker asks again
  // After each, on the answering thread: for audit and metrics.
  std::function<void(const AucEvent&)> told = {};
};

struct AucCounts {
  std::uint64_t received = 0, answered = 0, failed = 0, resynchronised = 0, malformed = 0, dropped = 0, unreachable = 0;
};

class AucSocket {
 public:
  // Listens when it returns; replaces a socket file that nobody listens on. Code::conflict "hss.auc_in_use"; Code::unavailable
  // "hss.auc_socket". subscribers outlives it.
  static Result<std::unique_ptr<AucSocket>> open(AucOptions options, Subscribers& subscribers);
  ~AucSocket();  // answers what waits, removes the file
  AucSocket(const AucSocket&) = delete;
  AucSocket& operator=(const AucSocket&) = delete;

  [[nodiscard]] AucCounts counts() const;

 private:
  struct Asked {
    std::string peer;  // its address as the system has it
    AucMessage message;
  };
  AucSocket(AucOptions options, Subscribers& subscribers, net::Descriptor socket, net::Descriptor waker);
  void receive();
  void read_all(std::vector<Asked>& into);
  void answer();
  void answer_batch(std::vector<Asked>& batch);
  void answer_requests(std::span<Asked> some);
  void resync(const AucResync& message);
  void send(const std::string& peer, ByteView datagram);
  void tell(AucEvent event) const;

  const AucOptions options_;
  Subscribers& subscribers_;
  net::Descriptor socket_;
  net::Descriptor waker_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Asked> waiting_;
  AucCounts counts_;
  bool stopping_ = false;
  std::thread receiver_, answerer_;
};

}  // namespace tf::hss
