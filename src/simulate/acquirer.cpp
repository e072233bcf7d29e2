#include "simulate/acquirer.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/log.hpp"

namespace tf::simulate::acquirer {
namespace {

namespace f = frontends::card::f;
constexpr std::size_t kKnownChannels = 64;

Message with_wrong_amount(Message reply) {
  std::int64_t amount = 0;
  const std::string_view text = reply.text(f::amount);
  std::from_chars(text.data(), text.data() + text.size(), amount);
  return std::move(reply.set(f::amount, fmt::format("{:012}", (amount + 1) % 1'000'000'000'000)));
}

}  // namespace

Result<std::unique_ptr<Server>> Server::make(Options options, const Clock& clock, Random& random) {
  Keys keys = TF_TRY(Keys::make(options.zone_key_components, options.zone_cipher, options.mac_padding, random));
  Books books = TF_TRY(Books::open(options.journal, options.balance));
  for (const std::string* blocks : {&books.keys_before(), &books.keys()})
    if (!blocks->empty()) TF_CHECK(keys.restore(*blocks));
  return std::unique_ptr<Server>(new Server(std::move(options), std::move(keys), std::move(books), clock));
}

Server::Server(Options options, Keys keys, Books books, const Clock& clock)
    : options_(std::move(options)), keys_(std::move(keys)), books_(std::move(books)), host_(books_, keys_, clock, options_.host_options),
      chance_(options_.seed),
      listener_({.open =
                     [this](const ChannelPtr& channel) {
                       ++counts_.connections;
                       const std::scoped_lock lock(mutex_);
                       std::erase_if(channels_, [](const auto& known) { return known.expired(); });
                       channels_.push_back(channel);
                     },
                 .frame = [this](const ChannelPtr& channel, ByteView bytes) { on_frame(channel, bytes); },
                 .closed = {}}) {}

Server::~Server() { stop(); }

Status Server::start() {
  timers_.start();
  settle_now_and_then();
  return listener_.start({.host = options_.host, .port = options_.port, .framing = options_.framing, .limits = {}, .max_peers = kKnownChannels});
}

void Server::stop() {
  if (std::exchange(stopped_, true)) return;
  listener_.stop();
  timers_.stop();
  if (const Status settled = settle(); !settled) log::error("acquirer: " + describe(settled.error()));
}

void Server::set_faults(const Faults& faults) {
  const std::scoped_lock lock(mutex_);
  options_.faults = faults;
}

void Server::cut_all() {
  const std::scoped_lock lock(mutex_);
  for (const auto& known : channels_)
    if (const auto channel = known.lock()) channel->close();
}

std::vector<Posting> Server::postings() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Posting> out;
  for (const auto& [key, posting] : books_.postings()) out.push_back(posting);
  return out;
}

std::int64_t Server::balance(std::string_view pan) const {
  const std::scoped_lock lock(mutex_);
  return books_.balance(keys_.fingerprint(as_bytes(pan)));
}

Status Server::settle() {
  if (options_.settlement.empty()) return {};
  const std::scoped_lock lock(mutex_);
  return books_.settle(options_.settlement);
}

void Server::settle_now_and_then() {
  timers_.after(options_.settle_every, [this] {
    if (const Status settled = settle(); !settled) log::warn("acquirer: " + describe(settled.error()));
    settle_now_and_then();
  });
}

// Verified and answered in one go: keys that another connection asks for meanwhile do not come in between.
Server::Acted Server::act(const Message& request, ByteView bytes) {
  const std::scoped_lock lock(mutex_);
  Acted out;
  if (options_.faults.mute) return out;
  if (request.mti() != "0800") {
    const auto parts = mac_of(request, bytes);
    const auto maker = parts ? keys_.maker_of(parts->data, parts->mac) : std::nullopt;
    if (!maker) {
      ++counts_.bad_macs;
      return out;
    }
    out.which = *maker;
    out.misfortune = draw(options_.faults, chance_);
    if (options_.faults.deaf_to_reversals && request.mti().starts_with("04")) return out;
  }
  if (out.misfortune.lose_request || out.misfortune.cut == Misfortune::Cut::before) return out;
  Result<std::optional<Message>> made = host_.answer(request, out.which, out.misfortune.decline);
  if (!made) {
    log::error("acquirer: " + describe(made.error()));
  } else {
    out.answer = std::move(*made);
  }
  return out;
}

void Server::on_frame(const ChannelPtr& channel, ByteView bytes) {
  using Cut = Misfortune::Cut;
  ++counts_.requests;
  const Result<Message> request = frontends::card::decode(bytes, options_.coding);
  if (!request) {
    ++counts_.malformed;
    return;
  }
  Acted acted = act(*request, bytes);
  const Misfortune& misfortune = acted.misfortune;
  if (misfortune.lose_request || misfortune.lose_reply || misfortune.cut == Cut::before || misfortune.cut == Cut::after) {
    ++counts_.faults;
    if (misfortune.cut == Cut::before || misfortune.cut == Cut::after) channel->close();
    return;
  }
  if (acted.answer) reply(channel, std::move(*acted.answer), acted.which, misfortune);
}

void Server::reply(const ChannelPtr& channel, Message message, std::size_t which, const Misfortune& misfortune) {
  if (misfortune.wrong_amount && message.has(f::amount)) {
    ++counts_.faults;
    message = with_wrong_amount(std::move(message));
  }
  const bool network = message.mti() == "0810";
  std::chrono::milliseconds delay{};
  Result<SecretBytes> bytes = Error{};
  {
    const std::scoped_lock lock(mutex_);
    bytes = network ? encode(message, options_.coding)
                    : encode_with_mac(std::move(message), options_.coding, [&](ByteView data) { return keys_.mac(which, data); });
    delay = network ? std::chrono::milliseconds(0) : options_.faults.delay + (misfortune.late ? options_.faults.late_by : std::chrono::milliseconds(0));
  }
  if (!bytes) return log::error("acquirer: " + describe(bytes.error()));
  if (misfortune.bad_mac) {
    ++counts_.faults;
    bytes->reveal_mutable().back() ^= 1;
  }
  if (delay.count() == 0) return deliver(channel, *bytes, misfortune);
  timers_.after(delay, [this, channel, bytes = std::move(*bytes), misfortune] { deliver(channel, bytes, misfortune); });
}

void Server::deliver(const ChannelPtr& channel, const SecretBytes& bytes, const Misfortune& misfortune) {
  if (misfortune.cut == Misfortune::Cut::in_the_middle) {
    ++counts_.faults;
    if (const auto framed = net::frame(options_.framing, bytes.reveal()))
      static_cast<void>(channel->send_raw(framed->reveal().first(framed->size() / 2)).has_value());
    return channel->close();
  }
  for (int i = 0; i < (misfortune.duplicate ? 2 : 1); ++i)
    if (channel->send(bytes.reveal())) ++counts_.replies;
}

}  // namespace tf::simulate::acquirer
