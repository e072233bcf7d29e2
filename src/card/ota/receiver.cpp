#include "card/ota/receiver.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "card/personalise.hpp"
#include "card/shield/slots.hpp"
#include "crypto/digest.hpp"

namespace tf::card::ota {
namespace {

using namespace apdu::ota;
using apdu::CommandApdu;
using apdu::ResponseApdu;
using apdu::shield::Ins;

constexpr std::string_view kCounterRecord = "ota/counter";  // 8 octets: the highest that was taken
constexpr std::string_view kProofRecord = "ota/proof";      // hash of that packet's content ‖ the answer to it

std::uint64_t counter_of(const Memory& memory) {
  const SecretBytes* record = memory.find(kCounterRecord);
  std::uint64_t out = 0;
  if (record != nullptr)
    for (const std::uint8_t octet : record->reveal()) out = out << 8 | octet;
  return out;
}

// The commands of one packet.
class Script {
 public:
  explicit Script(Services& services) : slots_(services) {}
  Answer<Bytes> run(const CommandApdu& command) {
    if (command.cla != 0x80) return StatusWord::wrong_cla;
    if (command.ins == static_cast<std::uint8_t>(Ins::set_container)) return set_container(command);
    const auto slot = apdu::shield::slot_of(command.p2);
    switch (static_cast<Ins>(command.ins)) {
      case Ins::store_certificate:
        if (command.p1 != 0 || !slot) return StatusWord::wrong_p1_p2;
        return store(*slot, TF_TRY(apdu::shield::parse_store_certificate(command.data)));
      case Ins::read_certificate:
        if (command.p1 != 0 || !slot) return StatusWord::wrong_p1_p2;
        if (const auto fresh = stored_.find({container_, *slot}); fresh != stored_.end()) return fresh->second;
        return slots_.certificate(container_, *slot);
      case Ins::read_public_key:
        if (command.p1 != 0 || !slot) return StatusWord::wrong_p1_p2;
        return TF_TRY(slots_.public_key(container_, *slot)).spki();
      default: return StatusWord::wrong_ins;
    }
  }

 private:
  Answer<Bytes> set_container(const CommandApdu& command) {
    if (command.p2 != 0 || !slots_.has_container(command.p1)) return StatusWord::reference_not_found;
    container_ = command.p1;
    return Bytes{};
  }
  Answer<Bytes> store(apdu::shield::Slot slot, ByteView certificate) {
    TF_CHECK(slots_.store(container_, slot, certificate));
    stored_.insert_or_assign({container_, slot}, to_bytes(certificate));
    return Bytes{};
  }
  shield::Slots slots_;
  std::uint8_t container_ = 0;
  std::map<std::pair<std::uint8_t, apdu::shield::Slot>, Bytes> stored_{};  // by this script: the card's memory does not show it before it is durable
};

Result<Bytes> proof_of(const CommandPacket& packet, ResponseStatus status, Bytes data, const Keys& keys) {
  return seal_response({packet.tar, packet.counter, status, std::move(data)}, keys);
}

}  // namespace

Answer<Bytes> Receiver::envelope(ByteView data) {
  const Keys keys = TF_TRY(ota_keys(services_.memory));
  const ByteView octets = TF_TRY(packet_of(data));
  const auto packet = open_command(octets, keys);
  // Who did not prove himself gets no word under the keys, nothing that could be tried against them.
  if (!packet && packet.error().code == Code::malformed) return StatusWord::wrong_data;
  if (!packet) return plain_response(kShieldTar, status_for(packet.error()));
  if (packet->tar != kShieldTar) return TF_TRY(proof_of(*packet, ResponseStatus::tar_unknown, {}, keys));
  const std::uint64_t last = counter_of(services_.memory);
  // The answer to another packet would prove what never happened, should a sender use a counter twice.
  const SecretBytes* proof = services_.memory.find(kProofRecord);
  const Hash256 hash = crypto::sha256(packet->data);
  if (packet->counter == last && last != 0 && proof != nullptr && proof->size() > hash.size() && std::ranges::equal(proof->reveal().first(hash.size()), hash))
    return to_bytes(proof->reveal().subspan(hash.size()));
  if (packet->counter <= last) return TF_TRY(proof_of(*packet, ResponseStatus::counter_low, {}, keys));
  return carry_out(*packet, keys);
}

Status Receiver::settle(const CommandPacket& packet, const Bytes& proof) {
  ByteArray<8> octets;
  for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(packet.counter >> (56 - 8 * i));
  TF_CHECK(services_.memory.put(std::string(kCounterRecord), SecretBytes(ByteView(octets))));
  Bytes record = to_bytes(crypto::sha256(packet.data));
  append(record, proof);
  return services_.memory.put(std::string(kProofRecord), SecretBytes(ByteView(record)));
}

Answer<Bytes> Receiver::carry_out(const CommandPacket& packet, const Keys& keys) {
  const auto commands = parse_script(packet.data);
  std::vector<ResponseApdu> answers;
  bool good = commands.has_value();
  {
    Memory::Batch batch(services_.memory);
    Script script(services_);
    for (std::size_t i = 0; good && i < commands->size(); ++i) {
      answers.push_back(respond(script.run((*commands)[i])));
      good = answers.back().ok();
    }
    if (good) {
      const Bytes proof = TF_TRY(proof_of(packet, ResponseStatus::ok, encode_outcome(answers), keys));
      TF_CHECK(settle(packet, proof));
      TF_CHECK(batch.commit());
      return proof;
    }
  }
  // What was changed before the error is dropped with the batch; the counter is used up.
  const auto status = commands ? ResponseStatus::ok : ResponseStatus::unidentified_security_error;
  const Bytes proof = TF_TRY(proof_of(packet, status, commands ? encode_outcome(answers) : Bytes{}, keys));
  Memory::Batch batch(services_.memory);
  TF_CHECK(settle(packet, proof));
  TF_CHECK(batch.commit());
  return proof;
}

}  // namespace tf::card::ota
