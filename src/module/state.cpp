#include "module/state.hpp"

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "crypto/aead.hpp"
#include "wire/fields.hpp"

namespace tf::module {
namespace {

constexpr std::string_view kFormat = "trustferry/module/2";
constexpr std::size_t kMaxFile = 256 * 1024;
constexpr std::size_t kMaxChip = 16 * 1024;
constexpr std::size_t kMaxCertificate = 16 * 1024;

Error damaged(const std::string& path) {
  return Error{Code::integrity, "module.state", path + " was altered or is sealed under another key"};
}

void write(wire::FieldWriter& out, const std::optional<Held>& held) {
  out.number(held ? 1 : 0);
  if (!held) return;
  out.field(held->imsi).field(held->iccid).field(held->note).field(held->sealed);
}

SecretBytes encode(const State& state) {
  wire::FieldWriter out;
  out.number(state.generation);
  for (const auto& chain : state.chains) {
    out.number(chain.size());
    for (const pki::Certificate& certificate : chain) out.field(certificate.der());
  }
  for (const auto& slot : state.slots) write(out, slot);
  out.number(state.sequences.size());
  for (const auto& [owner, sequence] : state.sequences) out.field(owner).field(sequence.encode());
  out.number(state.records.size());
  for (const auto& [name, value] : state.records) out.field(name).field(value.reveal());
  Bytes bytes = out.take();
  SecretBytes secret{ByteView(bytes)};
  wipe(bytes.data(), bytes.size());
  return secret;
}

Result<std::uint64_t> count(wire::FieldReader& in, std::uint64_t most) {
  const std::uint64_t value = TF_TRY(in.number());
  if (value > most) return Error{Code::malformed, "module.state", "too many"};
  return value;
}

Result<std::optional<Held>> read_slot(wire::FieldReader& in) {
  if (TF_TRY(count(in, 1)) == 0) return std::optional<Held>();
  Held held;
  held.imsi = as_text(TF_TRY(in.field(15)));
  held.iccid = as_text(TF_TRY(in.field(20)));
  held.note = to_bytes(TF_TRY(in.field(kMaxNote)));
  held.sealed = to_bytes(TF_TRY(in.field(kMaxChip)));
  return std::optional<Held>(std::move(held));
}

Result<State> decode(ByteView bytes) {
  wire::FieldReader in(bytes);
  State state;
  state.generation = TF_TRY(in.number());
  for (auto& chain : state.chains) {
    const std::uint64_t size = TF_TRY(count(in, kMaxChain));
    for (std::uint64_t i = 0; i < size; ++i) chain.push_back(TF_TRY(pki::Certificate::from_der(TF_TRY(in.field(kMaxCertificate)))));
  }
  for (auto& slot : state.slots) slot = TF_TRY(read_slot(in));
  const std::uint64_t sequences = TF_TRY(count(in, kMaxCredentials));
  for (std::uint64_t i = 0; i < sequences; ++i) {
    Hash256 owner{};
    const ByteView octets = TF_TRY(in.field(owner.size()));
    if (octets.size() != owner.size()) return Error{Code::malformed, "module.state", "a hash"};
    std::ranges::copy(octets, owner.begin());
    state.sequences.insert_or_assign(owner, TF_TRY(crypto::UsimSequence::decode(TF_TRY(in.field(crypto::UsimSequence::kSize)))));
  }
  const std::uint64_t records = TF_TRY(count(in, kMaxRecords));
  for (std::uint64_t i = 0; i < records; ++i) {
    std::string name(as_text(TF_TRY(in.field(64))));
    state.records.insert_or_assign(std::move(name), SecretBytes(TF_TRY(in.field(kMaxRecord))));
  }
  TF_CHECK(in.finish());
  return state;
}

}  // namespace

State State::clone() const {
  State out;
  out.generation = generation;
  out.chains = chains;
  out.slots = slots;
  out.sequences = sequences;
  for (const auto& [name, value] : records) out.records.emplace(name, value.clone());
  return out;
}

std::string StateFile::path_of(const std::string& directory, std::string_view dsim_id) {
  return directory + "/" + std::string(dsim_id) + ".module";
}

Result<StateFile::Outside> StateFile::read(const std::string& directory, std::string_view dsim_id, std::string_view kind) {
  const std::string path = path_of(directory, dsim_id);
  auto file = read_file(path, kMaxFile);
  if (!file && file.error().code == Code::not_found)
    return Error{Code::not_found, "module.no_module", std::string(dsim_id) + " has no module in " + directory};
  if (!file) return Error{Code::unavailable, "module.store", file.error().detail};
  wire::FieldReader in(*file);
  const auto format = in.field(64);
  const auto named = in.field(16);
  const auto chip = in.field(kMaxChip);
  const auto sealed = in.field(kMaxFile);
  if (!format || as_text(*format) != kFormat || !named || !chip || !sealed || !in.finish()) return damaged(path);
  if (as_text(*named) != kind) return Error{Code::invalid, "module.kind", path + " is of the kind " + std::string(as_text(*named))};
  return Outside{to_bytes(*chip), to_bytes(*sealed)};
}

Status StateFile::remove(const std::string& directory, std::string_view dsim_id) {
  std::error_code error;
  std::filesystem::remove(path_of(directory, dsim_id), error);
  if (error) return Error{Code::unavailable, "module.store", path_of(directory, dsim_id) + ": " + error.message()};
  return {};
}

Bytes StateFile::associated_data() const { return wire::FieldWriter().field(kFormat).field(kind_).field(dsim_id_).field(chip_).take(); }

Status StateFile::save(const State& state) const {
  const Bytes sealed = crypto::seal_blob(key_, random_, associated_data(), encode(state).reveal());
  return write(path_, kind_, {chip_, sealed});
}

Status StateFile::write(const std::string& path, std::string_view kind, const Outside& outside) {
  const Bytes file = wire::FieldWriter().field(kFormat).field(kind).field(outside.chip).field(outside.sealed).take();
  const Status written = write_private_file(path, file);
  if (!written) return Error{Code::unavailable, "module.store", written.error().detail};
  return {};
}

Result<State> StateFile::open(ByteView sealed) const {
  const auto plain = crypto::open_blob(key_, associated_data(), sealed);
  if (!plain) return damaged(path_);
  auto state = decode(plain->reveal());
  if (!state) return damaged(path_);
  return state;
}

}  // namespace tf::module
