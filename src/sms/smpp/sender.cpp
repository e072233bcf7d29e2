#include "sms/smpp/sender.hpp"

#include "sms/smpp/message.hpp"

namespace tf::sms::smpp {
namespace {

constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kGoodbye{1000};

net::LinkOptions line(const SmppSettings& settings) {
  net::LinkOptions out;
  out.host = settings.host;
  out.port = settings.port;
  // §3.2: command_length counts itself. A message_payload is the largest thing anybody sends.
  out.framing = {.coding = net::Framing::Coding::binary, .length_size = 4, .inclusive = true, .min_size = 12, .max_size = 70'000};
  out.first_pause = settings.first_pause;
  out.longest_pause = settings.longest_pause;
  return out;
}

}  // namespace

SmppSender::SmppSender(SmppSettings settings, const Clock& clock, Random& random, OnDelivery on_delivery, OnIncoming on_incoming)
    : settings_(std::move(settings)),
      clock_(clock),
      session_(settings_, random.array<1>()[0], std::move(on_delivery), std::move(on_incoming)),
      link_(line(settings_), {.up = [this] { drive([](Session& session, std::int64_t now_ms) { session.connected(now_ms); }); },
                              .frame = [this](ByteView pdu) { drive([&](Session& session, std::int64_t now_ms) { session.received(pdu, now_ms); }); },
                              .down = [this](const Error& why) { drive([&](Session& session, std::int64_t) { session.lost(why); }); }}) {}

Result<std::unique_ptr<Sender>> SmppSender::create(SmppSettings settings, const Clock& clock, Random& random, OnDelivery on_delivery, OnIncoming on_incoming) {
  TF_CHECK(check_settings(settings));
  std::unique_ptr<SmppSender> made(new SmppSender(std::move(settings), clock, random, std::move(on_delivery), std::move(on_incoming)));
  TF_CHECK(made->link_.start());
  made->timer_ = std::thread([sender = made.get()] { sender->run(); });
  return made;
}

SmppSender::~SmppSender() {
  drive([](Session& session, std::int64_t now_ms) { session.close(now_ms); });
  {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kGoodbye, [this] { return session_.closed(); });
    stopping_ = true;
  }
  wake_.notify_all();
  link_.stop();
  if (timer_.joinable()) timer_.join();
  drive([](Session& session, std::int64_t) { session.fail_all({Code::unavailable, "sms.stopping", "the sender is being stopped"}); });
}

// One step of the session: frames leave in the order in which they were made, calls are made when nothing is held.
template <class Act>
void SmppSender::drive(Act act) {
  Session::Output out;
  {
    const std::scoped_lock lock(mutex_);
    act(session_, clock_.monotonic_ms());
    out = session_.take();
    for (const SecretBytes& frame : out.frames)
      if (!link_.send(frame.reveal())) out.renew = true;
  }
  wake_.notify_all();
  if (out.renew) link_.renew();
  for (const Call& call : out.calls) call();
}

void SmppSender::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, kTick, [this] { return stopping_; })) return;
    }
    drive([](Session& session, std::int64_t now_ms) { session.tick(now_ms); });
  }
}

void SmppSender::send(Message message, Done done) {
  drive([&](Session& session, std::int64_t now_ms) { session.submit(message, std::move(done), now_ms); });
}

Status SmppSender::healthy() const {
  const std::scoped_lock lock(mutex_);
  return session_.healthy();
}

}  // namespace tf::sms::smpp
