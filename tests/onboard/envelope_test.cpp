// Envelopes that are not what they should be, each with a READY that names exactly these octets, so that the envelope itself is judged.
#include "protocols/onboard/identity.hpp"
#include "tests/onboard/world.hpp"
#include "wire/encoding.hpp"
#include "xml/security_signature.hpp"

namespace tf::onboard::test {
namespace {

using Edit = std::function<void(std::string&)>;

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << "nothing to replace: " << from;
  text.replace(at, from.size(), to);
}

// The value of an element of the header.
Edit header(const std::string& name, const std::string& value) {
  return [=](std::string& text) {
    const std::size_t from = text.find("<" + name + ">") + name.size() + 2;
    ASSERT_NE(from, std::string::npos + name.size() + 2);
    text.replace(from, text.find("</" + name + ">") - from, value);
  };
}

class OnboardEnvelope : public testing::Test, protected World {
 protected:
  OnboardEnvelope() {
    must(a.contract({kId, "Anna", "plan-1", {}, {}}));
    must(save_state(device.module(), must(device.refer())));
    ready = must(device.ask(device.state()));
    original = std::string(as_text(a.registration_of(kId).envelope));
  }
  Result<DeviceState> take(const std::string& envelope) {
    Ready as_named{ready->state.clone(), ready->operator_shown};
    as_named.state.envelope_hash = envelope_hash(as_bytes(envelope));
    auto out = device.take(as_named, as_bytes(envelope));
    EXPECT_EQ(device.imsi().has_value(), out.has_value()) << "the module took what was refused";
    return out;
  }
  Result<DeviceState> take_edited(const Edit& edit) {
    std::string text = original;
    edit(text);
    return take(text);
  }
  [[nodiscard]] std::string signature_of(const std::string& text) const {
    const std::size_t from = text.rfind('<', text.rfind("Signature", text.find("SignedInfo")));
    return text.substr(from, text.rfind("Signature>") + 10 - from);
  }
  // Edited and signed anew: whoever has an issuer's key can do that.
  Result<DeviceState> take_signed(const Edit& edit, const Signer& signer, std::string text = {}) {
    if (text.empty()) text = original;
    replace(text, signature_of(text), "");
    edit(text);
    auto document = must(xml::Document::parse(as_bytes(text)));
    must(xml::sign(document, {crypto::KeyKind::p256, signer.chain, [&](ByteView info) -> Result<Bytes> { return to_bytes(TF_TRY(signer.sign(info))); }}));
    return take(must(document.serialise()));
  }
  // As the HSS makes one, for a request with something else in it.
  std::string composed(const std::function<void(CredentialsRequest&)>& alter, const std::string& operator_id = "a", const std::string& sealed_to = kId) {
    const Registration& row = a.registration_of(kId);
    CredentialsRequest request{kId, row.device, nonce_hash(row.nonce), {}, "plan-1", row.expires_ms};
    alter(request);
    FactoryModule to = module_of(sealed_to);
    SubscriberCredential credential;
    credential.imsi = "999701000000001";
    credential.iccid = "899900000000000001";
    credential.key = crypto::AkaKey::random(crypto::AkaAlgorithm::milenage, random);
    const auto certificate = to.module->certificates(module::Key::decrypt).front();
    return std::string(as_text(must(compose_envelope(request, operator_id, certificate, credential, a.issuer, clock.now_ms()))));
  }
  [[nodiscard]] std::string right(const std::string& name) const {
    const std::size_t from = original.find("<" + name + ">") + name.size() + 2;
    return original.substr(from, original.find("</" + name + ">") - from);
  }
  Operator& a = operators.at("a");
  Device device{*this};
  std::optional<Ready> ready;
  std::string original;
};

TEST_F(OnboardEnvelope, as_it_was_made_is_taken) { EXPECT_OK(take(original)); }

TEST_F(OnboardEnvelope, signed_anew_by_the_issuer_is_taken_so_that_these_tests_mean_something) {
  EXPECT_OK(take_signed([](std::string&) {}, a.issuer));
}

TEST_F(OnboardEnvelope, altered_in_its_header_is_refused) {
  EXPECT_REFUSED(take_edited(header("Issued", "1")), Code::refused, "xml.signature");
}

TEST_F(OnboardEnvelope, altered_in_its_ciphertext_is_refused) {
  EXPECT_REFUSED(take_edited([](std::string& text) {
                   char& c = text[text.rfind("CipherValue>", text.find("SignedInfo")) - 20];
                   c = c == 'A' ? 'B' : 'A';
                 }),
                 Code::refused, "xml.signature");
}

TEST_F(OnboardEnvelope, without_signature_is_refused) {
  EXPECT_REFUSED(take_edited([&](std::string& text) { replace(text, signature_of(text), ""); }), Code::refused, "xml.signature_missing");
}

TEST_F(OnboardEnvelope, with_its_signature_twice_is_refused) {
  EXPECT_REFUSED(take_edited([&](std::string& text) { text.insert(text.rfind("</"), signature_of(text)); }), Code::refused, "xml.signature_repeated");
}

TEST_F(OnboardEnvelope, wrapped_in_another_element_is_refused) {
  EXPECT_REFUSED(take_edited([](std::string& text) {
                   text.insert(text.find("<Envelope"), "<Wrapper>");
                   text += "</Wrapper>";
                 }),
                 Code::refused, "xml.root");
}

// XML signature wrapping: the signed envelope is moved aside, a false one is where it is read.
TEST_F(OnboardEnvelope, with_the_signed_one_moved_aside_is_refused) {
  EXPECT_REFUSED(take_edited([&](std::string& text) {
                   const std::string signature = signature_of(text);
                   std::string inner = text.substr(text.find("<Envelope"));
                   replace(inner, signature, "");
                   std::string outer = text;
                   replace(outer, signature, inner + signature);
                   text = outer;
                 }),
                 Code::refused, "xml.duplicate_id");
}

TEST_F(OnboardEnvelope, with_another_id_at_its_root_and_the_signed_one_within_is_refused) {
  EXPECT_REFUSED(take_edited([&](std::string& text) {
                   const std::string signature = signature_of(text);
                   std::string inner = text.substr(text.find("<Envelope"));
                   replace(inner, signature, "");
                   std::string outer = text;
                   replace(outer, signature, inner + signature);
                   replace(outer, "Id=\"envelope\"", "Id=\"other\"");
                   text = outer;
                 }),
                 Code::refused, "xml.root");
}

TEST_F(OnboardEnvelope, with_a_dtd_is_refused) {
  EXPECT_REFUSED(take_edited([](std::string& text) { text.insert(text.find("<Envelope"), "<!DOCTYPE Envelope>"); }), Code::malformed, "xml.dtd");
}

TEST_F(OnboardEnvelope, with_an_external_entity_is_refused) {
  EXPECT_REFUSED(take_edited([](std::string& text) {
                   text.insert(text.find("<Envelope"), "<!DOCTYPE Envelope [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>");
                   header("Operator", "&x;")(text);
                 }),
                 Code::malformed, "xml.dtd");
}

TEST_F(OnboardEnvelope, with_a_weak_signature_algorithm_is_refused) {
  EXPECT_REFUSED(take_edited([](std::string& text) { replace(text, "ecdsa-sha256", "ecdsa-sha1"); }), Code::refused, "xml.algorithm");
}

TEST_F(OnboardEnvelope, with_a_weak_digest_is_refused) {
  EXPECT_REFUSED(take_edited([](std::string& text) { replace(text, "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"); }),
                 Code::refused, "xml.algorithm");
}

TEST_F(OnboardEnvelope, with_a_weak_cipher_is_refused) {
  EXPECT_REFUSED(take_signed([](std::string& text) { replace(text, "http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#aes256-cbc"); }, a.issuer),
                 Code::refused, "xml.algorithm");
}

TEST_F(OnboardEnvelope, with_pkcs1_key_transport_is_refused) {
  EXPECT_REFUSED(take_signed([](std::string& text) { replace(text, "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", "http://www.w3.org/2001/04/xmlenc#rsa-1_5"); }, a.issuer),
                 Code::refused, "xml.algorithm");
}

TEST_F(OnboardEnvelope, that_is_too_large_is_refused) {
  EXPECT_REFUSED(take_edited([](std::string& text) { text.insert(text.rfind("</"), std::string(kMaxEnvelope, ' ')); }), Code::malformed, "xml.too_large");
}

TEST_F(OnboardEnvelope, that_is_no_xml_is_refused) { EXPECT_REFUSED(take("<Envelope>"), Code::malformed, "xml.not_well_formed"); }

TEST_F(OnboardEnvelope, with_an_element_more_is_refused) {
  EXPECT_REFUSED(take_signed([](std::string& text) { replace(text, "<Header>", "<More/><Header>"); }, a.issuer), Code::malformed, "onboard.envelope");
  EXPECT_REFUSED(take_signed([](std::string& text) { replace(text, "</Header>", "<More/></Header>"); }, a.issuer), Code::malformed, "onboard.envelope");
}

TEST_F(OnboardEnvelope, signed_by_another_operators_issuer_is_refused) {
  EXPECT_REFUSED(take_signed([](std::string&) {}, estate().signer("onboard-issuer", "b")), Code::refused, "onboard.other_name");
}

TEST_F(OnboardEnvelope, signed_by_the_operators_own_key_instead_of_its_issuers_is_refused) {
  EXPECT_REFUSED(take_signed([](std::string&) {}, a.ports.signer), Code::refused, "pki.wrong_usage");
}

TEST_F(OnboardEnvelope, signed_under_another_pki_is_refused) {
  EXPECT_REFUSED(take_signed([](std::string&) {}, foreign_estate().signer("onboard-issuer", "a")), Code::refused, "pki.untrusted");
}

TEST_F(OnboardEnvelope, signed_with_an_expired_certificate_is_refused) {
  const Signer old = estate().signer("onboard-issuer", "a", 10);
  clock.advance_days(11);
  EXPECT_REFUSED(take_signed([](std::string&) {}, old), Code::refused, "pki.expired");
}

TEST_F(OnboardEnvelope, signed_by_another_key_than_its_chain_says_is_refused) {
  Signer mixed = a.issuer;
  mixed.sign = estate().signer("onboard-issuer", "b").sign;
  EXPECT_REFUSED(take_signed([](std::string&) {}, mixed), Code::refused, "xml.signature");
}

TEST_F(OnboardEnvelope, of_another_operator_is_refused) {
  EXPECT_REFUSED(take_signed(header("Operator", "b"), a.issuer), Code::refused, "onboard.envelope_operator");
}

TEST_F(OnboardEnvelope, for_another_module_is_refused) {
  EXPECT_REFUSED(take_signed(header("Device", kOtherId), a.issuer), Code::refused, "onboard.envelope_device");
  EXPECT_REFUSED(take_signed(header("DeviceHash", std::string(64, '0')), a.issuer), Code::refused, "onboard.envelope_device");
}

TEST_F(OnboardEnvelope, of_another_registration_is_refused) {
  EXPECT_REFUSED(take_signed(header("NonceHash", std::string(64, '0')), a.issuer), Code::refused, "onboard.envelope_nonce");
}

TEST_F(OnboardEnvelope, that_expired_is_refused) {
  EXPECT_REFUSED(take_signed(header("Expires", std::to_string(clock.now_ms())), a.issuer), Code::refused, "onboard.envelope_expired");
}

// What an operator of the attacker could do with an envelope of another's: sign it as his own.
TEST_F(OnboardEnvelope, with_another_operators_credential_inside_is_refused) {
  const std::string theirs = composed([](CredentialsRequest&) {}, "b");
  EXPECT_REFUSED(take_signed(header("Operator", "a"), a.issuer, theirs), Code::refused, "onboard.content_operator");
}

TEST_F(OnboardEnvelope, with_a_credential_for_another_device_inside_is_refused) {
  const std::string theirs = composed([](CredentialsRequest& request) { request.device_hash[0] ^= 1; });
  EXPECT_REFUSED(take_signed(header("DeviceHash", right("DeviceHash")), a.issuer, theirs), Code::refused, "onboard.content_device");
}

TEST_F(OnboardEnvelope, with_a_credential_of_another_registration_inside_is_refused) {
  const std::string theirs = composed([](CredentialsRequest& request) { request.nonce_hash[0] ^= 1; });
  EXPECT_REFUSED(take_signed(header("NonceHash", right("NonceHash")), a.issuer, theirs), Code::refused, "onboard.content_nonce");
}

TEST_F(OnboardEnvelope, with_another_imsi_inside_is_refused) {
  EXPECT_REFUSED(take_signed(header("ImsiHash", std::string(64, '0')), a.issuer), Code::refused, "onboard.content_imsi");
}

TEST_F(OnboardEnvelope, sealed_to_another_module_is_refused_by_the_module) {
  EXPECT_REFUSED(take(composed([](CredentialsRequest&) {}, "a", kOtherId)), Code::refused, "module.content");
}

TEST_F(OnboardEnvelope, another_credential_is_refused_by_a_module_that_has_one) {
  ASSERT_OK(device.take(*ready, as_bytes(original)));
  const std::string second = composed([](CredentialsRequest&) {});
  Ready again{ready->state.clone(), ready->operator_shown};
  again.state.envelope_hash = envelope_hash(as_bytes(second));
  EXPECT_REFUSED(device.take(again, as_bytes(second)), Code::conflict, "module.credential_present");
}

}  // namespace
}  // namespace tf::onboard::test
