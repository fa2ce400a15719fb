/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */
import{a as e}from"./rolldown-runtime.js";import{$ as t,Dt as n,Ei as r,Hi as i,Ot as a,Sn as o,Yt as s,hn as c,na as l,on as u,sr as d,wn as f}from"./shared.js";import{R as p,W as m,z as h}from"./screens.js";var g=e(l(),1),_={box:`CopyOperation-module-box`,code:`CopyOperation-module-code`,copy:`CopyOperation-module-copy`};function v(e){for(let t of e.definitions)if(t.kind===i.OPERATION_DEFINITION)return t.name?.value??t.operation;return``}function y({document:e,variables:n}){let r=w(n),i=C(e);return r===void 0?i:[i,``,`# Variables:`,...t(JSON.stringify(r,null,2)).split(`
`).map(e=>`# ${e}`)].join(`
`)}function b(e,n){let r=t(JSON.stringify(S(e)));return[`curl -s ${T(n)} \\`,`  -H "Authorization: Bearer $TOKEN" \\`,`  -H 'Content-Type: application/json' \\`,`  -d ${T(r)}`].join(`
`)}function x(e,n){return`package main

import (
\t"io"
\t"log"
\t"net/http"
\t"os"
\t"strings"
)

func main() {
\tbody := ${JSON.stringify(t(JSON.stringify(S(e))))}
\treq, err := http.NewRequest("POST", ${JSON.stringify(n)}, strings.NewReader(body))
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
`}function S({document:e,variables:t}){let n=w(t);return{query:C(e),...n!==void 0&&{variables:n}}}function C(e){return r(e).replace(/^\s*__typename\n/gm,``)}function w(e){let t=Object.entries(e??{}).filter(([,e])=>e!=null);return t.length===0?void 0:Object.fromEntries(t)}function T(e){return`'${e.replaceAll(`'`,`'\\''`)}'`}var E=d(),D={GraphQL:y,curl:b,Go:x};function O({operations:e,onClose:t}){let{t:r}=s(`shell`),[i,l]=(0,g.useState)(`GraphQL`),[d,y]=(0,g.useState)(0),b=e[d]??e[0];if(b===void 0)return null;let x=D[i](b,new URL(`/graphql`,location.href).href);return(0,E.jsxs)(u,{opened:!0,onClose:t,size:`lg`,title:r(`copyTitle`),closeButtonProps:{"aria-label":r(`close`)},children:[(0,E.jsxs)(o,{gap:`xs`,children:[e.length>1&&(0,E.jsx)(p,{flex:`1 1 14rem`,size:`xs`,"aria-label":r(`operation`),data:e.map(({document:e},t)=>({value:String(t),label:v(e)})),value:String(e.indexOf(b)),onChange:e=>y(Number(e)),allowDeselect:!1,comboboxProps:{withinPortal:!1}}),(0,E.jsx)(h,{size:`xs`,data:Object.keys(D),value:i,onChange:e=>l(e),"aria-label":r(`copyAs`)})]}),(0,E.jsxs)(`div`,{className:_.box,children:[(0,E.jsx)(`pre`,{className:_.code,dir:`ltr`,tabIndex:0,"aria-label":r(`copyTitle`),children:x}),(0,E.jsx)(m,{value:x,children:({copied:e,copy:t})=>(0,E.jsx)(f,{className:_.copy??``,variant:`default`,size:`lg`,onClick:t,"aria-label":r(e?`copied`:`copy`),children:e?(0,E.jsx)(a,{size:16,"aria-hidden":!0}):(0,E.jsx)(n,{size:16,"aria-hidden":!0})})})]}),(0,E.jsx)(c,{fz:`xs`,c:`dimmed`,mt:`xs`,children:r(`copyLead`)})]})}export{O as CopyOperation};