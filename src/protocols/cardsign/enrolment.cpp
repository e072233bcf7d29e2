#include "protocols/cardsign/enrolment.hpp"

#include <algorithm>

#include "protocols/cardsign/new_key.hpp"

namespace tf::cardsign {
namespace {

namespace shield = apdu::shield;

// Eight random digits, which nobody is told.
SecretBytes unknown_pin(Random& random) {
  SecretBytes out(8);
  for (std::uint8_t& digit : out.reveal_mutable()) {
    do random.fill({&digit, 1});
    while (digit >= 250);
    digit = static_cast<std::uint8_t>('0' + digit % 10);
  }
  return out;
}

}  // namespace

Result<EnrolmentSession::Next> EnrolmentSession::begin() {
  if (state_ != State::begun) return out_of_step();
  state_ = State::reading;
  return Next(TF_TRY(line_.send({shield::select(), shield::get_data(shield::Object::serial), shield::get_data(shield::Object::factory),
                                 shield::get_data(shield::Object::channel)})));
}

Result<EnrolmentSession::Next> EnrolmentSession::answered(const std::vector<Bytes>& answers, const PlatformPorts& ports) {
  const State was = std::exchange(state_, State::over);
  switch (was) {
    case State::reading: return read(answers);
    case State::opening:
      state_ = State::authenticating;
      return Next(TF_TRY(line_.authenticate(answers)));
    case State::authenticating:
      TF_CHECK(line_.established(answers));
      return ready(ports);
    case State::counting: return look_for_container(answers, ports);
    case State::creating:
      TF_TRY(line_.receive_all(answers));
      state_ = State::noting;
      return Next(ContainerMade{card_.container});
    case State::making: return check_key(answers, ports);
    case State::storing: {
      TF_TRY(line_.receive_all(answers));
      stored_.push_back({left_.front(), std::move(certificate_)});
      left_.erase(left_.begin());
      state_ = State::keeping;
      return Next(SlotStored{stored_.back().slot, stored_.back().certificate, left_.empty()});
    }
    default: return out_of_step();
  }
}

Result<EnrolmentSession::Next> EnrolmentSession::read(const std::vector<Bytes>& answers) {
  std::vector<Bytes> data = TF_TRY(line_.receive_all(answers));
  const std::string serial = TF_TRY(shield::read_serial(data[1]));
  if (!serial_.empty() && serial != serial_) return Error{Code::refused, "cardsign.other_card", "the card in the reader is " + serial + ", asked for was " + serial_};
  serial_ = serial;
  factory_ = std::move(data[2]);
  channel_ = std::move(data[3]);
  state_ = State::looking;
  return Next(CardWanted{serial_});
}

// The card is the one of the record before a key of the record is used.
Result<EnrolmentSession::Next> EnrolmentSession::found(EnrolmentSnapshot snapshot, const PlatformPorts& ports) {
  if (std::exchange(state_, State::over) != State::looking) return out_of_step();
  card_ = std::move(snapshot.card);
  if (card_.serial != serial_) return Error{Code::refused, "cardsign.other_card", "the code is for another card"};
  if (card_.withdrawn) return Error{Code::refused, "cardsign.withdrawn", "the card was withdrawn"};
  if (card_.user.empty()) return Error{Code::refused, "cardsign.not_assigned", "the card is nobody's"};
  if (const auto chain = TF_TRY(shield::read_chain(factory_)); chain.empty() || card_.factory.empty() || chain.front() != card_.factory.front()) return Error{Code::refused, "cardsign.factory_differs", "the card shows another factory certificate than its record"};
  if (channel_ != card_.channel) return Error{Code::refused, "cardsign.channel_differs", "the card shows another channel certificate than its record"};
  TF_CHECK(check_factory(card_, snapshot.manufacturers, ports.clock.now_ms()));
  stored_ = std::move(snapshot.stored);
  container_ = std::move(snapshot.container);
  for (const Slot slot : policy_.wanted())
    if (std::ranges::find(stored_, slot, &StoredCertificate::slot) == stored_.end()) left_.push_back(slot);
  if (left_.empty()) return Next(Enrolled{serial_, stored_});
  state_ = State::opening;
  return Next(TF_TRY(line_.open(snapshot.keys, ports.random)));
}

Result<EnrolmentSession::Next> EnrolmentSession::ready(const PlatformPorts& ports) {
  if (!container_) return make_key(ports);
  state_ = State::counting;
  return Next(TF_TRY(line_.send({shield::get_data(shield::Object::containers)})));
}

// One that is there and that no session of ours was about to make is somebody's: his PIN and PUK are not known here.
Result<EnrolmentSession::Next> EnrolmentSession::look_for_container(const std::vector<Bytes>& answers, const PlatformPorts& ports) {
  const Bytes containers = TF_TRY(line_.receive_all(answers)).front();
  const bool there = std::ranges::find(containers, card_.container) != containers.end();
  if (there && !container_->intended) return Error{Code::refused, "cardsign.container_there", "the card has a container " + std::to_string(card_.container) + " already"};
  if (there) {
    state_ = State::noting;
    return Next(ContainerMade{card_.container});
  }
  if (container_->intended) return create_container(ports);
  state_ = State::intending;
  return Next(ContainerWanted{card_.container});
}

Result<EnrolmentSession::Next> EnrolmentSession::intended(const PlatformPorts& ports) {
  if (std::exchange(state_, State::over) != State::intending) return out_of_step();
  return create_container(ports);
}

Result<EnrolmentSession::Next> EnrolmentSession::create_container(const PlatformPorts& ports) {
  const Bytes pin = TF_TRY(line_.encrypted(unknown_pin(ports.random)));
  const Bytes puk = TF_TRY(line_.encrypted(container_->puk));
  state_ = State::creating;
  return Next(TF_TRY(line_.send({shield::create_container(card_.container, pin, puk)})));
}

Result<EnrolmentSession::Next> EnrolmentSession::noted(const PlatformPorts& ports) {
  if (std::exchange(state_, State::over) != State::noting) return out_of_step();
  container_.reset();
  return make_key(ports);
}

Result<EnrolmentSession::Next> EnrolmentSession::make_key(const PlatformPorts& ports) {
  const Slot slot = left_.front();
  nonce_ = ports.random.array<32>();
  state_ = State::making;
  return Next(TF_TRY(line_.send({shield::set_container(card_.container),
                                 shield::generate_key(slot, policy_.rsa ? shield::Algorithm::rsa2048 : shield::Algorithm::p256, nonce_),
                                 shield::read_request(slot), shield::read_attestation(slot)})));
}

Result<EnrolmentSession::Next> EnrolmentSession::check_key(const std::vector<Bytes>& answers, const PlatformPorts& ports) {
  const std::vector<Bytes> data = TF_TRY(line_.receive_all(answers));
  const Slot slot = left_.front();
  crypto::PublicKey key = TF_TRY(check_new_key({.card = card_, .slot = slot, .nonce = nonce_, .request = data[2], .attestation = data[3],
                                                .kind = policy_.rsa ? crypto::KeyKind::rsa : crypto::KeyKind::p256}, ports.clock.now_ms()));
  state_ = State::certifying;
  return Next(CertificateWanted{slot, std::move(key)});
}

Result<EnrolmentSession::Next> EnrolmentSession::certified(Bytes certificate) {
  if (std::exchange(state_, State::over) != State::certifying) return out_of_step();
  certificate_ = std::move(certificate);
  state_ = State::storing;
  return Next(TF_TRY(line_.send({shield::store_certificate(left_.front(), certificate_)})));
}

Result<EnrolmentSession::Next> EnrolmentSession::kept(const PlatformPorts& ports) {
  if (std::exchange(state_, State::over) != State::keeping) return out_of_step();
  if (left_.empty()) return Next(Enrolled{serial_, stored_});
  return make_key(ports);
}

}  // namespace tf::cardsign
