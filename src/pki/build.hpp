// Makes a certificate after a plan; the profiles of issue.cpp are plans. Private to pki.
#pragma once
#include <optional>

#include "base/ports.hpp"
#include "crypto/handles.hpp"
#include "pki/asn1.hpp"
#include "pki/issue.hpp"

namespace tf::pki {

using NameHandle = crypto::Handle<X509_NAME, X509_NAME_free>;

// CN and serialNumber, in this order; empty ones are left out, but not both may be. Code::invalid "pki.name" unless
// each is at most 64 characters of plain text.
Result<NameHandle> make_name(std::string_view common_name, std::string_view serial_number);

ByteArray<16> random_serial_octets(Random& random);  // 128 bits, 127 of them random; never zero
Asn1Integer random_serial(Random& random);

struct Plan {
  std::string common_name = {};
  std::string serial_number = {};
  std::optional<int> ca_path_length = {};  // a CA
  std::optional<Usage> checked_as = {};    // must be a certificate for this (rules.hpp)
  std::uint32_t key_usage = 0;             // KU_… bits
  std::vector<Usage> usages = {};
  std::vector<wire::DsnRange> ranges = {};
  ServerNames names = {};
  bool ocsp_nocheck = false;
};

Result<Certificate> build_root(const Plan& plan, const crypto::PrivateKey& key, Term term, Random& random);
// Refuses what verification would refuse, before anything is signed.
Result<Certificate> build_issued(const Plan& plan, const crypto::PublicKey& key, const Issuer& issuer, Term term,
                                 Random& random);

}  // namespace tf::pki
