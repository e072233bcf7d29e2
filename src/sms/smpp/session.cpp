#include "sms/smpp/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sms/smpp/message.hpp"
#include "sms/smpp/receipt.hpp"

namespace tf::sms::smpp {
namespace {

constexpr int kMaxSetbacks = 3;
constexpr std::uint32_t kRejected = 0x66;  // ESME_RX_R_APPN: do not send it again

bool too_fast(std::uint32_t code) { return code == status::throttled || code == status::queue_full; }
bool passing(std::uint32_t code) { return code == status::system_error || code == status::temporary; }

}  // namespace

Session::Session(const SmppSettings& settings, std::uint8_t first_reference, OnDelivery on_delivery, OnIncoming on_incoming)
    : settings_(settings),
      submissions_(settings.window, settings.max_waiting),
      deliveries_(std::move(on_delivery)),
      on_incoming_(std::move(on_incoming)),
      concatenation_(first_reference),
      bind_pause_(settings.first_pause),
      submit_pause_(settings.first_pause) {}

Status Session::healthy() const { return state_ == State::bound ? Status() : Status(trouble_); }

std::uint32_t Session::request(Command command, Body body) {
  sequence_ = sequence_ % 0x7fffffffU + 1;
  auto frame = encode({{static_cast<std::uint32_t>(command), 0, sequence_}, std::move(body)});
  if (frame) out_.frames.push_back(std::move(*frame));
  else give_up("a request of ours could not be written");
  return sequence_;
}

void Session::answer(Command command, std::uint32_t sequence, std::uint32_t code, Body body) {
  if (auto frame = encode({{static_cast<std::uint32_t>(command), code, sequence}, std::move(body)})) out_.frames.push_back(std::move(*frame));
}

// The line is no good any more; lost() follows from the line itself.
void Session::give_up(const char* why) {
  trouble_ = {Code::unavailable, "sms.not_bound", why};
  state_ = State::down;
  awaited_.reset();
  out_.renew = true;
}

void Session::bind(std::int64_t now_ms) {
  BindTransceiver body{settings_.system_id, settings_.password.clone(), settings_.system_type, 0x34, {}};
  state_ = State::binding;
  asked_ms_ = now_ms;
  awaited_ = request(Command::bind_transceiver, std::move(body));
}

void Session::connected(std::int64_t now_ms) {
  if (state_ == State::closed) return;
  heard_ms_ = now_ms;
  state_ = State::refused;  // until its pause is over
  if (now_ms >= bind_after_ms_) bind(now_ms);
}

void Session::lost(const Error& why) {
  submissions_.again_all();
  deliveries_.settle(out_.calls);
  awaited_.reset();
  if (state_ != State::closed) state_ = State::down;
  trouble_ = {Code::unavailable, "sms.not_bound", describe(why)};
}

void Session::submit(const Message& message, Done done, std::int64_t now_ms) {
  auto job = std::make_shared<Job>();
  job->reference = message.reference;
  job->done = std::move(done);
  job->until_ms = now_ms + settings_.give_up_after.count();
  if (const Status fit = check(message); !fit) return out_.calls.push_back(finish(*job, fit.error()));
  job->parts = messages_of(settings_, message, concatenation_);
  job->left = job->parts.size();
  job->receipt.network_ids.resize(job->left);
  if (!submissions_.has_room(job->left))
    return out_.calls.push_back(finish(*job, Error{Code::overloaded, "sms.queue_full", "too many messages wait"}));
  submissions_.add(job);
  pump(now_ms);
}

void Session::pump(std::int64_t now_ms) {
  while (state_ == State::bound && now_ms >= submit_after_ms_) {
    auto part = submissions_.next();
    if (!part) return;
    const std::uint32_t sequence = request(Command::submit_sm, part->job->parts[part->index]);
    submissions_.sent(sequence, std::move(*part), now_ms);
  }
}

void Session::tick(std::int64_t now_ms) {
  submissions_.expire(now_ms, out_.calls);
  if (state_ == State::refused && now_ms >= bind_after_ms_) bind(now_ms);
  if (state_ == State::down || state_ == State::closed) return;
  const std::int64_t patience = settings_.answer_timeout.count();
  const auto oldest = submissions_.oldest_sent_ms();
  if ((awaited_ && now_ms - asked_ms_ >= patience) || (oldest && now_ms - *oldest >= patience)) return give_up("the host did not answer");
  if (state_ != State::bound) return;
  if (!awaited_ && now_ms - heard_ms_ >= settings_.enquire_after.count()) {
    asked_ms_ = now_ms;
    awaited_ = request(Command::enquire_link, Empty{});
  }
  pump(now_ms);
}

void Session::close(std::int64_t now_ms) {
  if (state_ != State::bound) {
    state_ = State::closed;
    return;
  }
  state_ = State::unbinding;
  asked_ms_ = now_ms;
  awaited_ = request(Command::unbind, Empty{});
}

void Session::received(ByteView payload, std::int64_t now_ms) {
  if (state_ == State::down) return;  // given up already
  const auto header = decode_header(payload);
  if (!header) return give_up("the host sent what is no PDU");
  heard_ms_ = now_ms;
  const auto pdu = decode(payload);
  if (is_response(header->command)) on_response(*header, pdu, now_ms);
  else on_request(*header, pdu);
  pump(now_ms);
}

void Session::on_request(const Header& header, const Result<Pdu>& pdu) {
  switch (static_cast<Command>(header.command)) {
    case Command::enquire_link:
      return answer(Command::enquire_link_resp, header.sequence, status::ok, Empty{});
    case Command::deliver_sm:
      return on_deliver(header, pdu);
    case Command::alert_notification:
      return;  // has no answer, and is of no use to us
    case Command::unbind:
      answer(Command::unbind_resp, header.sequence, status::ok, Empty{});
      return give_up("the host unbound");
    default:
      return answer(Command::generic_nack, header.sequence, status::invalid_command, Empty{});
  }
}

void Session::on_deliver(const Header& header, const Result<Pdu>& pdu) {
  if (state_ != State::bound && state_ != State::unbinding)
    return answer(Command::deliver_sm_resp, header.sequence, status::not_bound, Empty{});
  if (!pdu) return answer(Command::deliver_sm_resp, header.sequence, kRejected, Empty{});
  const auto& message = std::get<ShortMessage>(pdu->body);
  // What people write to us is taken and forgotten: refused, the network would bring it again and again.
  if (is_receipt(message)) {
    if (auto delivery = read_receipt(message)) deliveries_.arrived(std::move(*delivery), submissions_.outstanding(), out_.calls);
  } else if ((message.esm_class & kHasHeader) != 0 && on_incoming_) {
    const Tlv* payload = find(message.tlvs, tag::message_payload);
    out_.calls.push_back([this, in = Incoming{message.source.digits, payload != nullptr ? payload->value : message.text}] { on_incoming_(in); });
  }
  answer(Command::deliver_sm_resp, header.sequence, status::ok, MessageId{});
}

void Session::on_response(const Header& header, const Result<Pdu>& pdu, std::int64_t now_ms) {
  const auto answers = [&](Command command) { return header.status != status::ok || header.command == static_cast<std::uint32_t>(command); };
  if (auto part = submissions_.answered(header.sequence)) {
    if (answers(Command::submit_sm_resp)) return on_submitted(std::move(*part), header.status, pdu, now_ms);
    submissions_.again(std::move(*part));
    return give_up("the host answered a submit_sm with something else");
  }
  if (awaited_ != header.sequence) return;  // an answer to what was given up
  awaited_.reset();
  if (state_ == State::binding) {
    if (answers(Command::bind_transceiver_resp)) return on_bound(header.status, now_ms);
    return give_up("the host answered a bind_transceiver with something else");
  }
  if (state_ == State::unbinding) state_ = State::closed;
}

void Session::on_bound(std::uint32_t code, std::int64_t now_ms) {
  if (code == status::ok) {
    state_ = State::bound;
    bind_pause_ = settings_.first_pause;
    return;
  }
  state_ = State::refused;
  bind_after_ms_ = now_ms + bind_pause_.count();
  bind_pause_ = std::min(bind_pause_ * 2, settings_.longest_pause);
  trouble_ = {Code::unavailable, "sms.not_bound", fmt::format("the host refused the bind with status {:#04x}", code)};
}

void Session::slow_down(std::int64_t now_ms) {
  // A window full of refusals is one refusal.
  if (now_ms < submit_after_ms_) return;
  submit_after_ms_ = now_ms + submit_pause_.count();
  submit_pause_ = std::min(submit_pause_ * 2, settings_.longest_pause);
}

void Session::on_submitted(Part part, std::uint32_t code, const Result<Pdu>& pdu, std::int64_t now_ms) {
  Job& job = *part.job;
  if (code == status::ok) {
    if (now_ms >= submit_after_ms_) submit_pause_ = settings_.first_pause;  // not by what left before the pause
    // Taken, even if the id cannot be read: sent again it would arrive twice.
    const auto* body = pdu ? std::get_if<MessageId>(&pdu->body) : nullptr;
    if (body != nullptr) job.receipt.network_ids[part.index] = body->id;
    deliveries_.learn(job.receipt.network_ids[part.index], job.reference, out_.calls);
    if (--job.left == 0 && !job.over) out_.calls.push_back(finish(job, job.receipt));
  } else if (!job.over && (too_fast(code) || (passing(code) && ++job.setbacks <= kMaxSetbacks))) {
    slow_down(now_ms);
    submissions_.again(std::move(part));
  } else if (!job.over) {
    const auto why = passing(code) ? Error{Code::unavailable, "sms.unavailable", fmt::format("the network answered {:#04x}", code)}
                                   : Error{Code::refused, "sms.refused", fmt::format("the network answered {:#04x}", code)};
    out_.calls.push_back(finish(job, why));
  }
  if (!submissions_.outstanding()) deliveries_.settle(out_.calls);
}

}  // namespace tf::sms::smpp
