// What keeps a line in service: signing on, keys, echoes, and the host's own 0800.
#include "frontends/card/line.hpp"
#include "frontends/card/requests.hpp"

namespace tf::frontends::card {

void Line::on_up() {
  ++epoch_;
  echoes_lost_ = 0;
  unanswered_ = 0;
  bad_macs_ = 0;
  exchanging_ = false;
  told_down_ = false;
  sign_on();
}

void Line::on_down(const Error& why) {
  in_service_ = false;
  if (!told_down_.exchange(true)) note(Incident::Kind::line_down, {}, describe(why));
  give_up_all("line_cut");
}

void Line::ask_host(std::string_view network_code, Answered answered) {
  const std::uint32_t trace = trace_++ % 999'999 + 1;
  const Message request = network_management(network_code, trace, clock_.now_ms(), profile_);
  const auto bytes = encode(request, profile_.coding);
  if (!bytes) return answered({.kind = Answer::Kind::not_sent, .code = bytes.error().reason, .additional = {}});
  dispatch(request, bytes->reveal(), {}, profile_.network_timeout, std::move(answered));
}

// The step once more after a pause, unless the connection is another by then.
void Line::retry(std::uint64_t epoch, void (Line::*step)()) {
  timers_.after(profile_.retry_pause, [this, epoch, step] {
    if (epoch_ == epoch && link_.up()) (this->*step)();
  });
}

void Line::sign_on() {
  ask_host(profile_.sign_on, [this, epoch = epoch_.load()](Answer answer) {
    if (answer.kind == Answer::Kind::reply && answer.code == "00") return keys_.fresh() ? serve() : exchange_keys();
    note(Incident::Kind::sign_on_refused, {}, answer.code);
    retry(epoch, &Line::sign_on);
  });
}

void Line::exchange_keys() {
  if (exchanging_.exchange(true)) return;
  ask_host(profile_.key_exchange, [this, epoch = epoch_.load()](Answer answer) {
    exchanging_ = false;
    const bool offered = answer.kind == Answer::Kind::reply && answer.code == "00";
    const Status installed = offered ? keys_.install(answer.additional) : Status();
    if (offered && installed) {
      note(Incident::Kind::keys_changed, {}, std::to_string(keys_.generation()));
      return serve();
    }
    note(Incident::Kind::keys_refused, {}, offered ? describe(installed.error()) : answer.code);
    // A line in service goes on with the keys it has, and asks again with the next echo.
    if (!in_service_) retry(epoch, &Line::exchange_keys);
  });
}

void Line::serve() {
  if (!link_.up() || in_service_.exchange(true)) return;
  note(Incident::Kind::in_service, {}, {});
}

void Line::tick() {
  timers_.after(profile_.echo_interval, [this] { tick(); });
  if (!in_service_) return;
  // A host that echoes and answers no payment may have lost its keys: it must not answer what it cannot verify.
  if (!keys_.fresh() || unanswered_ >= kUnansweredLimit) exchange_keys();
  echo();
}

void Line::echo() {
  ask_host(profile_.echo, [this, epoch = epoch_.load()](Answer answer) {
    if (epoch_ != epoch) return;
    if (answer.kind == Answer::Kind::reply && answer.code == "00") {
      echoes_lost_ = 0;
      unanswered_ = 0;  // payments are tried again
      return;
    }
    const int lost = ++echoes_lost_;
    note(Incident::Kind::echo_lost, {}, answer.code);
    if (lost >= profile_.echoes_lost) link_.renew();
  });
}

void Line::on_request(const Message& request) {
  const std::string_view code = request.text(f::network_code);
  const bool ours = code == profile_.echo || code == profile_.key_exchange;
  if (request.mti() != "0800") return note(Incident::Kind::unexpected, {}, request.mti());
  Message reply("0810");
  for (const int number : {f::transmission, f::trace, f::acquirer, f::network_code})
    if (request.has(number)) reply.set(number, request.bytes(number));
  reply.set(f::response, ours ? "00" : "12");
  if (const auto bytes = encode(reply, profile_.coding)) static_cast<void>(link_.send(bytes->reveal()).has_value());
  // Keys are only taken as the answer to our asking: a recorded message cannot bring back old ones.
  if (code == profile_.key_exchange) exchange_keys();
}

}  // namespace tf::frontends::card
