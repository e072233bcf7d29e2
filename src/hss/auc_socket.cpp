#include "hss/auc_socket.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/log.hpp"

namespace tf::hss {
namespace {

constexpr timeval kPatience{0, 200'000};  // with an asker who does not read

Error failed(const std::string& path) { return {Code::unavailable, "hss.auc_socket", path + ": " + std::strerror(errno)}; }

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof out.sun_path) return Error{Code::invalid, "hss.auc_socket", "a socket's path has 1 to 107 bytes"};
  std::memcpy(out.sun_path, path.c_str(), path.size() + 1);
  return out;
}

net::Descriptor datagram_socket() { return net::Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }

// A file that is left over from before refuses connections.
Status clear(const std::string& path, const sockaddr_un& address) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) return Error{Code::conflict, "hss.auc_in_use", path + " is there and is no socket"};
  const net::Descriptor probe = datagram_socket();
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return Error{Code::conflict, "hss.auc_in_use", "somebody listens on " + path};
  return ::unlink(path.c_str()) == 0 ? Status() : Status(failed(path));
}

}  // namespace

AucSocket::AucSocket(AucOptions options, Subscribers& subscribers, net::Descriptor socket, net::Descriptor waker)
    : options_(std::move(options)), subscribers_(subscribers), socket_(std::move(socket)), waker_(std::move(waker)) {
  receiver_ = std::thread([this] { receive(); });
  answerer_ = std::thread([this] { answer(); });
}

Result<std::unique_ptr<AucSocket>> AucSocket::open(AucOptions options, Subscribers& subscribers) {
  const sockaddr_un address = TF_TRY(address_of(options.path));
  TF_CHECK(clear(options.path, address));
  net::Descriptor socket = datagram_socket();
  // The mode is right before anybody can connect: bind makes the file with the umask's.
  const mode_t before = ::umask(0177);
  const bool bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::umask(before);
  if (!bound || ::chmod(options.path.c_str(), options.mode) != 0) return failed(options.path);
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience) != 0) return failed(options.path);
  net::Descriptor waker(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (waker.get() < 0) return failed(options.path);
  return std::unique_ptr<AucSocket>(new AucSocket(std::move(options), subscribers, std::move(socket), std::move(waker)));
}

AucSocket::~AucSocket() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  const std::uint64_t one = 1;
  static_cast<void>(!::write(waker_.get(), &one, sizeof one));
  arrived_.notify_all();
  receiver_.join();
  answerer_.join();
  ::unlink(options_.path.c_str());
}

AucCounts AucSocket::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

void AucSocket::tell(AucEvent event) const {
  if (options_.told) options_.told(event);
}

void AucSocket::receive() {
  std::vector<Asked> fresh;
  for (;;) {
    pollfd waiting[2] = {{socket_.get(), POLLIN, 0}, {waker_.get(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return log::error("hss: the authentication centre's socket is lost");
    if (waiting[1].revents != 0) return;
    fresh.clear();
    read_all(fresh);
    {
      const std::scoped_lock lock(mutex_);
      for (Asked& asked : fresh) {
        if (waiting_.size() < options_.max_waiting) waiting_.push_back(std::move(asked));
        else ++counts_.dropped;
      }
    }
    arrived_.notify_one();
  }
}

void AucSocket::read_all(std::vector<Asked>& into) {
  char datagram[kMaxAucMessage + 1];
  for (int some = 0; some < 64; ++some) {
    sockaddr_un from{};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(socket_.get(), datagram, sizeof datagram, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) return;
    auto message = parse_auc({datagram, static_cast<std::size_t>(got)});
    const bool answerable = size > offsetof(sockaddr_un, sun_path);
    {
      const std::scoped_lock lock(mutex_);
      ++counts_.received;
      if (!message) ++counts_.malformed;
      else if (!answerable) ++counts_.unreachable;
    }
    if (message && answerable) into.push_back({std::string(reinterpret_cast<const char*>(&from), size), std::move(*message)});
  }
}

void AucSocket::answer() {
  std::vector<Asked> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      batch.clear();
      batch.swap(waiting_);
    }
    answer_batch(batch);
  }
}

// Requests together; what a USIM said takes effect between those before it and those behind it.
void AucSocket::answer_batch(std::vector<Asked>& batch) {
  auto first = batch.begin();
  for (auto at = batch.begin(); at != batch.end(); ++at) {
    const auto* message = std::get_if<AucResync>(&at->message);
    if (message == nullptr) continue;
    answer_requests({first, at});
    resync(*message);
    first = at + 1;
  }
  answer_requests({first, batch.end()});
}

void AucSocket::answer_requests(std::span<Asked> some) {
  if (some.empty()) return;
  std::vector<VectorRequest> requests;
  for (const Asked& asked : some) requests.push_back({std::get<AucRequest>(asked.message).imsi, 1});
  auto answers = subscribers_.vectors(requests);
  {
    const auto good = static_cast<std::uint64_t>(std::ranges::count_if(answers, [](const Vectors& one) { return one.has_value(); }));
    const std::scoped_lock lock(mutex_);  // before an asker can look
    counts_.answered += good;
    counts_.failed += some.size() - good;
  }
  for (std::size_t i = 0; i < some.size(); ++i) {
    if (answers[i]) send(some[i].peer, auc_answer(requests[i].imsi, answers[i]->front()).reveal());
    else send(some[i].peer, as_bytes(auc_failure(requests[i].imsi)));
    tell({AucEvent::Kind::vector, requests[i].imsi, answers[i] ? Status() : Status(answers[i].error())});
  }
}

void AucSocket::resync(const AucResync& message) {
  Status done = subscribers_.resync(message.imsi, message.rand, message.auts);
  {
    const std::scoped_lock lock(mutex_);
    ++(done ? counts_.resynchronised : counts_.failed);
  }
  tell({AucEvent::Kind::resync, message.imsi, std::move(done)});
}

void AucSocket::send(const std::string& peer, ByteView datagram) {
  ssize_t sent = -1;
  do sent = ::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(peer.data()), static_cast<socklen_t>(peer.size()));
  while (sent < 0 && errno == EINTR);
  if (sent >= 0) return;
  const std::scoped_lock lock(mutex_);
  ++counts_.unreachable;
}

}  // namespace tf::hss
