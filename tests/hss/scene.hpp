// An authentication centre over a database on disk and a software vault; it can be closed and opened again as after a crash.
#pragma once
#include <memory>
#include <string>

#include "crypto/aka/usim.hpp"
#include "hss/authentication_centre.hpp"
#include "store/sqlite/sqlite.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/temporary_directory.hpp"
#include "vault/software/software_vault.hpp"

namespace tf::hss::test {

using tf::test::must;

// The key of the standard's test set 1.
crypto::MilenageKey known_key();
// Another key for each number.
crypto::MilenageKey key_number(int number);
crypto::AkaKey key_number(int number, crypto::AkaAlgorithm algorithm);
Imsi imsi_number(int number);  // 001010000000000 + number

// A subscriber's USIM.
struct Usim {
  crypto::AkaKey key;
  crypto::UsimSequence sequence;

  Result<crypto::AkaAnswer> answer(const crypto::AkaVector& vector) { return crypto::aka_answer(key, sequence, vector.rand, vector.autn); }
  // Whether it takes the vector, with the same RES and keys.
  bool takes(const crypto::AkaVector& vector);
  crypto::Auts auts_for(const crypto::AkaVector& vector);  // throws when it would take it
};

struct Scene {
  explicit Scene(CentreOptions centre_options = {});
  void open();   // also again, as after a restart
  void crash();  // what was in memory is gone

  tf::test::TemporaryDirectory directory;
  SystemRandom random;
  std::unique_ptr<vault::SoftwareVault> vault;
  std::unique_ptr<store::Database> database;
  CentreOptions options;
  std::unique_ptr<AuthenticationCentre> centre;
};

}  // namespace tf::hss::test
