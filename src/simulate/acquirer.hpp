// A card network's host, simulated: listens, signs on, hands out keys, answers payments, refunds and reversals, keeps accounts
// and a journal, and misbehaves as told. `trustferry simulate acquirer` is this as a program.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "frontends/card/message.hpp"
#include "frontends/card/timers.hpp"
#include "net/link/listener.hpp"
#include "simulate/acquirer_faults.hpp"
#include "simulate/acquirer_host.hpp"

namespace tf::simulate::acquirer {

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system chooses
  net::Framing framing{.coding = net::Framing::Coding::binary, .length_size = 2, .inclusive = false, .min_size = 1, .max_size = 4096};
  frontends::card::Coding coding{};
  crypto::MacPadding mac_padding = crypto::MacPadding::method_1;
  std::vector<SecretBytes> zone_key_components{};
  crypto::BlockCipher zone_cipher = crypto::BlockCipher::aes;
  std::string journal;     // a file
  std::string settlement;  // a directory for the files of each day; empty: none
  std::chrono::milliseconds settle_every{2000};
  std::int64_t balance = 100'000'000;  // minor units that each card begins with
  HostOptions host_options{};
  Faults faults{};
  std::uint64_t seed = 1;
};

struct Counts {
  std::atomic<std::uint64_t> connections = 0, requests = 0, replies = 0, malformed = 0, bad_macs = 0, faults = 0;
};

class Server {
 public:
  // Errors of Keys::make, Books::open.
  static Result<std::unique_ptr<Server>> make(Options options, const Clock& clock, Random& random);
  ~Server();  // stop()

  Status start();
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  void stop();  // writes the settlement files a last time
  void set_faults(const Faults& faults);
  void cut_all();  // every connection
  [[nodiscard]] std::string zone_kcv() const { return keys_.kcv(); }
  [[nodiscard]] const Counts& counts() const { return counts_; }
  // A copy of the books' postings, and the balance of a card.
  [[nodiscard]] std::vector<Posting> postings() const;
  [[nodiscard]] std::int64_t balance(std::string_view pan) const;
  Status settle();

 private:
  using ChannelPtr = std::shared_ptr<net::Channel>;
  Server(Options options, Keys keys, Books books, const Clock& clock);
  void on_frame(const ChannelPtr& channel, ByteView bytes);
  struct Acted {
    std::size_t which = 0;  // keys of the request
    Misfortune misfortune{};
    std::optional<Message> answer{};
  };
  Acted act(const Message& request, ByteView bytes);
  void reply(const ChannelPtr& channel, Message message, std::size_t which, const Misfortune& misfortune);
  void deliver(const ChannelPtr& channel, const SecretBytes& bytes, const Misfortune& misfortune);
  void settle_now_and_then();

  Options options_;
  mutable std::mutex mutex_;  // keys, books, host, chance, faults, channels
  Keys keys_;
  Books books_;
  Host host_;
  std::mt19937_64 chance_;
  std::vector<std::weak_ptr<net::Channel>> channels_;
  Counts counts_;
  frontends::card::Timers timers_;
  net::LinkListener listener_;
  bool stopped_ = false;
};

}  // namespace tf::simulate::acquirer
