#include "tests/hss/scene.hpp"

#include <stdexcept>

#include "crypto/digest.hpp"
#include "tests/crypto/aka_support.hpp"

namespace tf::hss::test {

crypto::MilenageKey known_key() { return crypto::octets::test_key(); }

crypto::MilenageKey key_number(int number) {
  const Hash256 k = crypto::sha256(as_bytes("K " + std::to_string(number)));
  const Hash256 op = crypto::sha256(as_bytes("OP"));
  crypto::MilenageKey out{Secret<16>(std::span(k).first<16>()), {}};
  out.opc = crypto::milenage_opc(out.k, Secret<16>(std::span(op).first<16>()));
  return out;
}

crypto::AkaKey key_number(int number, crypto::AkaAlgorithm algorithm) {
  if (algorithm == crypto::AkaAlgorithm::milenage) return key_number(number);
  const Hash256 topc = crypto::sha256(as_bytes("TOPc " + std::to_string(number)));
  return {key_number(number).k, Secret<32>(std::span(topc))};
}

Imsi imsi_number(int number) {
  const std::string digits = std::to_string(number);
  return must(Imsi::parse("00101" + std::string(10 - digits.size(), '0') + digits));
}

bool Usim::takes(const crypto::AkaVector& vector) {
  const auto answered = answer(vector);
  if (!answered || !std::holds_alternative<crypto::AkaAccepted>(*answered)) return false;
  const auto& accepted = std::get<crypto::AkaAccepted>(*answered);
  return accepted.res == vector.res && accepted.ck == vector.ck && accepted.ik == vector.ik;
}

crypto::Auts Usim::auts_for(const crypto::AkaVector& vector) {
  const auto answered = answer(vector);
  if (!answered || !std::holds_alternative<crypto::AkaOutOfSequence>(*answered)) throw std::runtime_error("the USIM had no reason for AUTS");
  return std::get<crypto::AkaOutOfSequence>(*answered).auts;
}

Scene::Scene(CentreOptions centre_options) : options(std::move(centre_options)) {
  vault = must(vault::SoftwareVault::create(directory.file("vault.json"), SecretBytes(as_bytes("opens the vault of a test")), random,
                                            {.n = 16, .r = 8, .p = 1}));
  open();
}

void Scene::open() {
  crash();
  database = must(store::open_sqlite({.path = directory.file("hss.db")}));
  centre = must(AuthenticationCentre::open(*database, *vault, options));
}

void Scene::crash() {
  centre.reset();
  database.reset();
}

}  // namespace tf::hss::test
