/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
import{a as e}from"./rolldown-runtime.js";import{$n as t,Ar as n,Gr as r,Io as i,ar as a,co as o,ea as s,gi as c,in as l,ui as u,vi as d,wo as f}from"./shared.js";import{Ht as p,Kt as m,Ut as h}from"./screens.js";var g=e(i(),1),_={box:`CopyOperation-module-box`,code:`CopyOperation-module-code`,copy:`CopyOperation-module-copy`};function v(e){for(let t of e.definitions)if(t.kind===f.OPERATION_DEFINITION)return t.name?.value??t.operation;return``}function y({document:e,variables:t}){let n=w(t),r=C(e);return n===void 0?r:[r,``,`# Variables:`,...l(JSON.stringify(n,null,2)).split(`
`).map(e=>`# ${e}`)].join(`
`)}function b(e,t){let n=l(JSON.stringify(S(e)));return[`curl -s ${T(t)} \\`,`  -H "Authorization: Bearer $TOKEN" \\`,`  -H 'Content-Type: application/json' \\`,`  -d ${T(n)}`].join(`
`)}function x(e,t){return`package main

import (
\t"io"
\t"log"
\t"net/http"
\t"os"
\t"strings"
)

func main() {
\tbody := ${JSON.stringify(l(JSON.stringify(S(e))))}
\treq, err := http.NewRequest("POST", ${JSON.stringify(t)}, strings.NewReader(body))
\tif err != nil {
\t\tlog.Fatal(err)
\t}
\treq.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
\treq.Header.Set("Content-Type", "application/json")
\tresp, err := http.DefaultClient.Do(req)
\tif err != nil {
\t\tlog.Fatal(err)
\t}
\tdefer resp.Body.Close()
\tif _, err := io.Copy(os.Stdout, resp.Body); err != nil {
\t\tlog.Fatal(err)
\t}
}
`}function S({document:e,variables:t}){let n=w(t);return{query:C(e),...n!==void 0&&{variables:n}}}function C(e){return o(e).replace(/^\s*__typename\n/gm,``)}function w(e){let t=Object.entries(e??{}).filter(([,e])=>e!=null);return t.length===0?void 0:Object.fromEntries(t)}function T(e){return`'${e.replaceAll(`'`,`'\\''`)}'`}var E=s(),D={GraphQL:y,curl:b,Go:x};function O({operations:e,onClose:i}){let{t:o}=n(`shell`),[s,l]=(0,g.useState)(`GraphQL`),[f,y]=(0,g.useState)(0),b=e[f]??e[0];if(b===void 0)return null;let x=D[s](b,new URL(`/graphql`,location.href).href);return(0,E.jsxs)(r,{opened:!0,onClose:i,size:`lg`,title:o(`copyTitle`),closeButtonProps:{"aria-label":o(`close`)},children:[(0,E.jsxs)(c,{gap:`xs`,children:[e.length>1&&(0,E.jsx)(p,{flex:`1 1 14rem`,size:`xs`,"aria-label":o(`operation`),data:e.map(({document:e},t)=>({value:String(t),label:v(e)})),value:String(e.indexOf(b)),onChange:e=>y(Number(e)),allowDeselect:!1,comboboxProps:{withinPortal:!1}}),(0,E.jsx)(h,{size:`xs`,data:Object.keys(D),value:s,onChange:e=>l(e),"aria-label":o(`copyAs`)})]}),(0,E.jsxs)(`div`,{className:_.box,children:[(0,E.jsx)(`pre`,{className:_.code,dir:`ltr`,tabIndex:0,"aria-label":o(`copyTitle`),children:x}),(0,E.jsx)(m,{value:x,children:({copied:e,copy:n})=>(0,E.jsx)(d,{className:_.copy??``,variant:`default`,size:`lg`,onClick:n,"aria-label":o(e?`copied`:`copy`),children:e?(0,E.jsx)(a,{size:16,"aria-hidden":!0}):(0,E.jsx)(t,{size:16,"aria-hidden":!0})})})]}),(0,E.jsx)(u,{fz:`xs`,c:`dimmed`,mt:`xs`,children:o(`copyLead`)})]})}export{O as CopyOperation};